import type { Requirement } from './requirement.js';

/** Promises of the management of MCP servers, and of the bridge for clients that can only start programs. */
export const mcpConsole: readonly Requirement[] = [
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
];
