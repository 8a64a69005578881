import type { Requirement } from './requirement.js';

const SOURCE = 'DESIGN 6';

/** MCP servers behind us. */
export const mcpUpstream: readonly Requirement[] = [
  {
    id: 'MCP-01',
    source: 'MCP 2026-07-28 versioning',
    behaviour:
      'A server that does not know server/discover is greeted by initialize; its listings are read page by page.',
  },
  {
    id: 'MCP-02',
    source: SOURCE,
    behaviour: 'Answers and errors of a server arrive as they are; progress and log messages reach who called.',
  },
  {
    id: 'MCP-03',
    source: 'MCP 2025-11-25 cancellation',
    behaviour: 'A server is told of a call that was canceled or whose time is over.',
  },
  {
    id: 'MCP-04',
    source: SOURCE,
    behaviour: 'A question of a legacy server reaches who called, and nobody where that cannot be told.',
  },
  { id: 'MCP-05', source: SOURCE, behaviour: 'A listing that a server says has changed is read again.' },
  { id: 'MCP-06', source: SOURCE, behaviour: 'A resource is subscribed to once, whoever many want to hear of it.' },
  {
    id: 'MCP-07',
    source: SOURCE,
    behaviour: 'A server that dies is started again; meanwhile its tools are withdrawn and its calls fail.',
  },
];
