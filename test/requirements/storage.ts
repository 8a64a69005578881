import type { Requirement } from './requirement.js';

export const storage: readonly Requirement[] = [
  {
    id: 'F01',
    source: 'FAULTS F01',
    behaviour: 'kill -9 during a batch loses no acknowledged commit and doubles none',
  },
  {
    id: 'F02',
    source: 'FAULTS F02',
    behaviour:
      'after a power cut during group commit the store opens with every acknowledged commit, and the journal verifies',
  },
  {
    id: 'F03',
    source: 'FAULTS F03',
    behaviour: 'a power cut right after the first start never leaves a data directory that blocks the next start',
  },
];
