import type { Requirement } from './requirement.js';

const rows: readonly (readonly [id: string, behaviour: string])[] = [
  ['MCP-80', 'the fixture behind the conformance tests passes, itself, what the official suite requires of a server'],
  ['MCP-81', 'all that passes against that fixture passes against the gateway in front of it, for both revisions'],
  ['MCP-82', 'clients of every kind get of server-everything the same through the gateway as without it'],
  ['MCP-83', 'clients of every kind get of server-filesystem the same through the gateway as without it'],
  ['MCP-84', 'mcp-remote gets the same through the gateway as without it'],
  ['MCP-85', 'servers that end again and again leave others and listings alone, and a killed daemon leaves none'],
  ['MCP-86', 'clients of both eras that use the same ids each get their own answers, in 10,000 interleaved calls'],
  ['MCP-87', 'the command line of the Inspector shows the same through the gateway as without it'],
  [
    'MCP-88',
    'what the official suite requires of a client passes with the gateway as that client, but for extensions that no revision scores',
  ],
];

export const mcpInterop: readonly Requirement[] = rows.map(([id, behaviour]) => ({ id, source: 'issue 4', behaviour }));
