import type { Requirement } from './requirement.js';

const ISSUE = 'issue 3, tasks';

export const tasks: readonly Requirement[] = [
  {
    id: 'TASK-01',
    source: ISSUE,
    behaviour: 'Only the transitions of one table are possible, each for its actor; final states are final.',
  },
  { id: 'TASK-02', source: 'DESIGN 7', behaviour: 'Attempts and epochs of a task only rise.' },
];
