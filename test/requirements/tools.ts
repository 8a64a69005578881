import type { Requirement } from './requirement.js';

const rows: readonly (readonly [id: string, behaviour: string])[] = [
  [
    'TOOL-01',
    'a tool is called by who may call it, every call being journaled; who may not see it learns nothing of it',
  ],
  [
    'TOOL-02',
    'who is not admin or operator sees only tools that are granted: by principal, role, name, provider or label',
  ],
  ['TOOL-03', 'what is forbidden is denied to everybody, whatever is granted'],
  ['TOOL-04', 'grants say with which arguments and capabilities tools may be called'],
  ['TOOL-05', 'a set narrows the tools of who may use it, and is nothing to others'],
  ['TOOL-06', 'rules of tools hold at once when the configuration is reloaded, and wrong ones are refused whole'],
];

export const tools: readonly Requirement[] = rows.map(([id, behaviour]) => ({ id, source: 'issue 4', behaviour }));
