import type { Requirement } from './requirement.js';

/** Promises of the management of MCP servers, and of the bridge for clients that can only start programs. */
export const mcpConsole: readonly Requirement[] = [
  {
    id: 'MCP-130',
    source: 'issue 4',
    behaviour:
      'mcp.add starts a server at once and after each start of the daemon; a command without a path is looked up once and kept as a path.',
  },
  {
    id: 'MCP-131',
    source: 'issue 4',
    behaviour:
      'mcp.add refuses what cannot be run and secrets in the clear, in env, headers, arguments and URL, each with what to do; no answer repeats them.',
  },
  {
    id: 'MCP-132',
    source: 'issue 4',
    behaviour:
      'mcp.change restarts a server with another configuration, mcp.remove ends it; each change is in the journal.',
  },
  {
    id: 'MCP-133',
    source: 'issue 4',
    behaviour:
      'Servers of the configuration file are not changed or removed by a method; the error says where to do it.',
  },
  {
    id: 'MCP-134',
    source: 'issue 4',
    behaviour: 'Only administrators add, change, import and remove MCP servers; operators and observers see them.',
  },
  {
    id: 'MCP-135',
    source: 'issue 4',
    behaviour:
      'mcp.import shows paths, arguments, names of variables and URLs, and what is refused and why; it runs nothing until the digest of what was shown is sent.',
  },
  {
    id: 'MCP-136',
    source: 'issue 4',
    behaviour:
      'mcp.import reads mcpServers and servers as VS Code has them; what only the client could fill in is refused by name.',
  },
  {
    id: 'MCP-137',
    source: 'issue 4',
    behaviour: 'A reload of the configuration adds, changes and removes MCP servers without touching the others.',
  },
  {
    id: 'MCP-198',
    source: 'issue 4; DESIGN 10',
    behaviour:
      'Where there are as many MCP servers as there may be, one more is refused until one goes, and then starts; one that changes keeps its place, and leaves it when that fails.',
  },
  {
    id: 'MCP-187',
    source: 'ISSUE 4 upstream: none left; DESIGN 10',
    behaviour:
      'A server that runs here is taken only where the times for its stop stay below the time that the plugin has to stop; what to change is said, at a start, a reload and by methods.',
  },
  {
    id: 'MCP-138',
    source: 'issue 4',
    behaviour: 'A secret in the clear is told by its name or its look; references and ordinary settings pass.',
  },
  {
    id: 'MCP-140',
    source: 'issue 4',
    behaviour:
      'orchestrator mcp stdio sends each request of the modern era with the headers that repeat what is in it, and answers on one line.',
  },
  {
    id: 'MCP-141',
    source: 'issue 4',
    behaviour:
      "The bridge repeats parameters in headers where a tool's schema asks for it, also for a client that never listed the tools.",
  },
  {
    id: 'MCP-142',
    source: 'issue 4',
    behaviour: 'notifications/cancelled on stdin closes the stream of a modern request; nothing more is said about it.',
  },
  {
    id: 'MCP-143',
    source: 'issue 4',
    behaviour: 'A listen stream that broke is opened again by the bridge, which says what may have changed meanwhile.',
  },
  {
    id: 'MCP-144',
    source: 'issue 4',
    behaviour:
      'The bridge keeps the session of a legacy client with its stream of server messages, and deletes it when stdin ends.',
  },
  {
    id: 'MCP-145',
    source: 'issue 4',
    behaviour: 'notifications/cancelled on stdin is forwarded for a legacy request.',
  },
  {
    id: 'MCP-146',
    source: 'issue 4',
    behaviour:
      'A session that the daemon lost is begun anew by the bridge, with log level and subscriptions; only list changes are told.',
  },
  {
    id: 'MCP-147',
    source: 'issue 4',
    behaviour:
      'While the daemon is away the bridge answers errors that say what to do; once it is back, requests are answered again.',
  },
  {
    id: 'MCP-148',
    source: 'issue 4',
    behaviour:
      'A refused key, a broken connection and an answer that is no message each end in a JSON-RPC error that says so.',
  },
  {
    id: 'MCP-149',
    source: 'issue 4',
    behaviour:
      'The bridge bounds lines and requests in flight; what is no message gets an error, and nothing but messages goes to stdout.',
  },
  {
    id: 'MCP-155',
    source: 'issue 4',
    behaviour: 'The guide to MCP can be followed: its commands in their order, and its configurations of clients.',
  },
  {
    id: 'MCP-139',
    source: 'issue 4, documents',
    behaviour: 'Every configuration of the daemon that the documents show is one that it takes.',
  },
];
