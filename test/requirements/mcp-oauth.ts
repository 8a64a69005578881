import type { Requirement } from './requirement.js';

export const mcpOauth: readonly Requirement[] = [
  {
    id: 'MCP-101',
    source: 'ISSUE 4 downstream: audience checks; RFC 8707',
    behaviour: 'A token that is for one HTTP resource opens no other, and no JSON-RPC session.',
  },
  {
    id: 'MCP-102',
    source: 'DESIGN 11: no secret in a config file',
    behaviour: 'A plugin reads the secrets that its configuration refers to.',
  },
];
