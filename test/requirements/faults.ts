import type { Requirement } from './requirement.js';

export const faults: readonly Requirement[] = [
  {
    id: 'FAULTS-01',
    source: 'issue 3, must show 1',
    behaviour: '`npm run faults` runs every fault row, or those it is given by number; its exit code tells.',
  },
  {
    id: 'FAULTS-02',
    source: 'FAULTS',
    behaviour: 'Every row runs in its full form, one after another, whether or not one before it failed.',
  },
  {
    id: 'FAULTS-03',
    source: 'issue 3, must show 1',
    behaviour: '`npm run faults -- delivery` runs the delivery harness for as long as it is told, and prints its seed.',
  },
  {
    id: 'F74',
    source: 'FAULTS F74',
    behaviour: 'What is recorded and sent again has no second effect: frames, acks, results, keys that were ended.',
  },
];
