import type { Requirement } from './requirement.js';

export const mcpDownstream: readonly Requirement[] = [
  {
    id: 'MCP-40',
    source: 'DESIGN 10',
    behaviour:
      'A mounted resource may answer at the level of Node, streaming; it hears when the daemon goes away, and the drain waits for its answer.',
  },
  {
    id: 'MCP-41',
    source: 'RFC 9110 11.6.1',
    behaviour: 'A mounted resource says in WWW-Authenticate how those are let in whom it is refused.',
  },
];
