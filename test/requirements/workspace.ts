import type { Requirement } from './requirement.js';

export const workspace: readonly Requirement[] = [
  { id: 'WORK-01', source: 'DESIGN 2', behaviour: 'No package imports what it may not.' },
  {
    id: 'WORK-02',
    source: 'STYLE 8',
    behaviour: 'The architecture rules see each kind of forbidden import where one is planted.',
  },
  {
    id: 'WORK-03',
    source: 'STYLE 8',
    behaviour: 'The architecture rules look at sources, also where nothing is built.',
  },
  {
    id: 'WORK-04',
    source: 'LIBRARIES',
    behaviour: 'No library is older than the least version that is known to be sound.',
  },
  {
    id: 'WORK-05',
    source: 'issue 2, Workspace',
    behaviour: 'Every workspace file of the layout is there and every package carries the same version.',
  },
  {
    id: 'WORK-06',
    source: 'issue 2, must show 7',
    behaviour: 'Our schema builders, which load fast, make what TypeBox makes.',
  },
  { id: 'WORK-07', source: 'issue 2, protocol', behaviour: "A plugin may mix our schemas with TypeBox's own." },
  {
    id: 'WORK-08',
    source: 'issue 3, documents',
    behaviour: 'What the documents promise is linked to the tests that prove it.',
  },
  { id: 'WORK-09', source: 'issue 3, documents', behaviour: 'Links of the documents lead to files that are there.' },
];
