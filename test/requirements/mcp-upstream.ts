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
  {
    id: 'MCP-10',
    source: 'MCP 2025-11-25 transports',
    behaviour:
      'A legacy server over HTTP gets its session and version with each request, is listened to, and its session is ended.',
  },
  {
    id: 'MCP-11',
    source: 'MCP 2025-11-25 session management',
    behaviour: 'A server that forgot the session is greeted anew; what it refused for that is sent again.',
  },
  {
    id: 'MCP-12',
    source: 'MCP 2025-11-25 resumability',
    behaviour: 'A stream that breaks off goes on from its last event whose id a header can hold.',
  },
  {
    id: 'MCP-13',
    source: 'MCP 2025-11-25 cancellation',
    behaviour: 'A legacy server over HTTP is told of a cancellation by a notification.',
  },
  {
    id: 'MCP-14',
    source: 'MCP 2026-07-28 streamable HTTP',
    behaviour: "A modern server is told version, method and name in headers, and the caller's capabilities in _meta.",
  },
  {
    id: 'MCP-15',
    source: 'MCP 2026-07-28 subscriptions',
    behaviour: 'Changes and resources of a modern server are listened to over one stream.',
  },
  {
    id: 'MCP-16',
    source: 'MCP 2026-07-28 cancellation',
    behaviour: 'A modern server over HTTP has its stream closed when a call is canceled.',
  },
  {
    id: 'MCP-17',
    source: 'MCP 2026-07-28 multi round-trip requests',
    behaviour: 'A result that wants input comes as it is; what the caller answers goes on in the next request.',
  },
  {
    id: 'MCP-18',
    source: 'MCP 2026-07-28 x-mcp-header',
    behaviour: 'Arguments are repeated in headers where a schema says so; tools that say so wrongly are left out.',
  },
  {
    id: 'MCP-19',
    source: 'MCP 2026-07-28 versioning',
    behaviour: 'A server without a version in common is not connected to, and the reason names its versions.',
  },
  {
    id: 'MCP-20',
    source: 'PROTOCOLS A.4',
    behaviour: 'A server that is away is tried again; an era that was remembered is found out again when it fails.',
  },
  {
    id: 'MCP-21',
    source: 'DESIGN 5',
    behaviour: 'Secrets in headers are references, never literals, and are read again when the server refuses them.',
  },
  {
    id: 'MCP-179',
    source: 'DESIGN 5',
    behaviour:
      'Configured headers are sent beside ours, each once; one that says how a message is read, such as Host or Content-Length, is refused by the configuration.',
  },
  {
    id: 'MCP-08',
    source: 'DESIGN 6',
    behaviour:
      'A child process has a clean environment: what the configuration says and little else; secrets come by reference.',
  },
  {
    id: 'MCP-09',
    source: 'DESIGN 6',
    behaviour: 'A server can have one instance for each caller, bounded, stopped when it is not used.',
  },
  {
    id: 'MCP-22',
    source: 'DESIGN 6',
    behaviour:
      "A sandboxed server has no network unless it may, and sees no files but the system's and those that it may.",
  },
  {
    id: 'MCP-23',
    source: 'DESIGN 6',
    behaviour: 'Servers are added, changed, restarted and removed while others go on.',
  },
  {
    id: 'MCP-24',
    source: 'DESIGN 6',
    behaviour: 'A server that cannot be started says why, and a restart tries again.',
  },
  {
    id: 'MCP-25',
    source: 'DESIGN 6',
    behaviour: 'A server that comes or goes is journaled with era and version, and measured.',
  },
  {
    id: 'F37',
    source: 'FAULTS F37',
    behaviour:
      'An MCP server that crashes is tried again by its rule, then failed with the end of its stderr; its tools are withdrawn.',
  },
  {
    id: 'F38',
    source: 'FAULTS F38',
    behaviour:
      'An MCP server that never answers is told of each call that is given up, then killed with its group and started again.',
  },
  {
    id: 'F39',
    source: 'FAULTS F39',
    behaviour:
      'Lines of an MCP server that are no messages are skipped and counted up to a limit, then it is restarted and given up.',
  },
  {
    id: 'F41',
    source: 'FAULTS F41',
    behaviour:
      'An MCP server that ignores TERM and forks is gone with all that it started when the daemon stops or is killed.',
  },
  {
    id: 'F42',
    source: 'FAULTS F42',
    behaviour: 'A daemon that is killed leaves no MCP server, and its next start runs each once.',
  },
  {
    id: 'MCP-26',
    source: 'MCP 2026-07-28 stdio',
    behaviour:
      'A modern server over stdio is discovered without a handshake, listened to, and told of a cancellation by a notification.',
  },
  {
    id: 'MCP-27',
    source: 'MCP 2026-07-28 subscriptions',
    behaviour: 'A modern server is listened to again after a restart.',
  },
  { id: 'MCP-28', source: 'PROTOCOLS A.4', behaviour: 'The era of a server is remembered over restarts.' },
  {
    id: 'MCP-29',
    source: 'MCP 2026-07-28 stdio',
    behaviour: 'A server that leaves server/discover unanswered, or dies of it, is taken for legacy.',
  },
  {
    id: 'MCP-195',
    source: 'MCP 2025-11-25 transports, backwards compatibility; STYLE 6',
    behaviour:
      'A URL at which no MCP server is understood is said to be that: a server of the HTTP+SSE transport of 2024-11-05 is recognized and the way out named, a redirect for good names where it leads, without its query.',
  },
  {
    id: 'MCP-196',
    source: 'ISSUE 4 upstream: stderr kept; mcp logs',
    behaviour:
      'What a server printed to stdout that is no message is among its logs, marked as such: the beginning of each line, in the bounds of all that is kept of a program.',
  },
  {
    id: 'MCP-190',
    source: 'ISSUE 4 upstream: streamable HTTP; OAuth 2.1 §1.5',
    behaviour:
      'A server over TLS is spoken with only by a certificate for its host that the machine trusts (NODE_EXTRA_CA_CERTS adds some); to others nothing is sent, and why is in its status.',
  },
  {
    id: 'MCP-171',
    source: 'MCP 2025-11-25 logging',
    behaviour:
      'What a legacy server logs outside of requests is passed on to all who may use it only until it is sent a request of a caller; then to that one alone, and to nobody once there were several, since it may be about any of their requests, also those that are over.',
  },
  {
    id: 'MCP-36',
    source: SOURCE,
    behaviour: 'A server over HTTP is stopped whole although its authorization server is away.',
  },
  {
    id: 'MCP-37',
    source: SOURCE,
    behaviour: 'A notification that a server over HTTP never answers is given up in time.',
  },
  {
    id: 'MCP-38',
    source: SOURCE,
    behaviour: 'A call that was canceled while its credentials were renewed is not sent again.',
  },
  {
    id: 'MCP-39',
    source: 'MCP 2026-07-28 caching',
    behaviour: 'A listing is read again when its time is over, after a reconnect as before.',
  },
  {
    id: 'MCP-30',
    source: SOURCE,
    behaviour: 'A server that is stopped while it is being started leaves no child process behind.',
  },
  {
    id: 'MCP-31',
    source: SOURCE,
    behaviour: 'What a server over HTTP refuses or answers because of one call closes it to nobody else.',
  },
  {
    id: 'MCP-32',
    source: 'RFC 9112 §6, RFC 9110 §15.2',
    behaviour:
      'An answer of a server over HTTP ends where its length, its chunks or its connection say, in whatever pieces it comes; interim answers are passed over.',
  },
  {
    id: 'MCP-33',
    source: 'RFC 9112 §6.3, §11',
    behaviour:
      'An answer that is malformed, could be read in two ways, is cut, or has a header past the bound fails its request alone, and its connection is closed.',
  },
  {
    id: 'MCP-34',
    source: 'RFC 9112 §9, RFC 9110 §9.2.2',
    behaviour:
      'Connections to a server over HTTP are used again within bounds of number and idle time; a POST that was written is never sent twice, and what is given up before is not written.',
  },
  {
    id: 'MCP-35',
    source: SOURCE,
    behaviour: 'Nothing in a header or path of a request to a server over HTTP can end it or add to it.',
  },
];
