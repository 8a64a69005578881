import type { Requirement } from './requirement.js';

export const access: readonly Requirement[] = [
  {
    id: 'ACCESS-01',
    source: 'ISSUE 2 core: rate limits per principal',
    behaviour:
      'A principal gets its burst and its rate, never more; a refusal names the wait after which it is granted.',
  },
  {
    id: 'ACCESS-02',
    source: 'ISSUE 2 core: rate limits per principal',
    behaviour: 'A role can have a rate of its own; of several roles the most generous counts.',
  },
  {
    id: 'ACCESS-03',
    source: 'DESIGN 10',
    behaviour: 'The rate limiter remembers a bounded number of principals.',
  },
];
