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
  {
    id: 'MCP-103',
    source: 'DESIGN 11: outbound requests to private addresses are refused unless listed',
    behaviour:
      'Where a server leads to over HTTP is reached only at public addresses, unless it is listed; without TLS only this machine is, unless the origin is.',
  },
  {
    id: 'MCP-104',
    source: 'ISSUE 4 upstream; DNS rebinding, OAuth security best practices (SSRF)',
    behaviour:
      'A connection goes to the very address that was checked, is checked when it is made, and so is each of a bounded number of redirects.',
  },
  {
    id: 'MCP-105',
    source: 'DESIGN 10',
    behaviour: 'What a server answers about its authorization is read up to a size and for a time.',
  },
];
