import type { Requirement } from './requirement.js';

/** Documents of fields: what becomes of writes, also of those that did not know of each other. */
export const state: readonly Requirement[] = [
  {
    id: 'STATE-01',
    source: 'issue 3',
    behaviour:
      'Replicas that wrote apart are the same once each has synchronised, under every rule; no write counts twice.',
  },
  {
    id: 'STATE-02',
    source: 'issue 3',
    behaviour: 'What merging gives does not depend on the order in which the writes of several replicas come.',
  },
  {
    id: 'STATE-03',
    source: 'issue 3',
    behaviour: 'No write that was taken vanishes unless one that knew of it replaced it; every conflict is listed.',
  },
  {
    id: 'STATE-04',
    source: 'issue 3',
    behaviour: 'Deletions are remembered up to a bound, and nothing older than a forgotten one comes back.',
  },
  {
    id: 'STATE-05',
    source: 'issue 3',
    behaviour: 'Hybrid times rise, sort as text, follow what was observed, and cannot be driven ahead past a bound.',
  },
];
