import type { Requirement } from './requirement.js';

export const client: readonly Requirement[] = [
  {
    id: 'CLIENT-01',
    source: 'issue 2, protocol',
    behaviour: 'openrpc.json is valid OpenRPC 1.3.2 and has every method.',
  },
  { id: 'CLIENT-02', source: 'issue 2, protocol', behaviour: 'Every method has an example.' },
  { id: 'CLIENT-03', source: 'issue 2, protocol', behaviour: 'Every example is valid for its method.' },
  { id: 'CLIENT-04', source: 'DESIGN 4', behaviour: 'A generated file that is stale fails a check.' },
  {
    id: 'CLIENT-05',
    source: 'issue 2, protocol',
    behaviour: 'The OpenRPC document can include the methods of plugins.',
  },
];
