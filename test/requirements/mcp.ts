import type { Requirement } from './requirement.js';

const rows: readonly (readonly [id: string, behaviour: string])[] = [
  ['MCP-80', 'the fixture behind the conformance tests passes, itself, what the official suite requires of a server'],
];

export const mcp: readonly Requirement[] = rows.map(([id, behaviour]) => ({ id, source: 'issue 4', behaviour }));
