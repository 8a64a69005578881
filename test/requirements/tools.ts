import type { Requirement } from './requirement.js';

const rows: readonly (readonly [id: string, behaviour: string])[] = [
  [
    'TOOL-01',
    'a tool is called by who may call it, every call being journaled; who may not see it learns nothing of it',
  ],
];

export const tools: readonly Requirement[] = rows.map(([id, behaviour]) => ({ id, source: 'issue 4', behaviour }));
