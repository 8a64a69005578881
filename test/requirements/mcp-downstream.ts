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
  {
    id: 'MCP-42',
    source: 'MCP 2026-07-28, server/discover; server/tools',
    behaviour:
      'Modern clients learn versions and capabilities, list tools in the order of their names and call them; what is listed is theirs to keep, for a while and for themselves alone.',
  },
  {
    id: 'MCP-43',
    source: 'MCP 2026-07-28, streamable-http',
    behaviour:
      'Headers and body of a modern request must say the same, encoded values and mirrored parameters included: -32602 and -32020.',
  },
  {
    id: 'MCP-44',
    source: 'MCP 2026-07-28, streamable-http',
    behaviour:
      'Unknown versions are answered -32022 with those that are known, unknown methods 404 with -32601, GET and DELETE without a session 405.',
  },
  {
    id: 'MCP-45',
    source: 'MCP 2026-07-28, streamable-http',
    behaviour: 'An answer is JSON, or a stream as soon as progress or a log message that was asked for precedes it.',
  },
  {
    id: 'MCP-46',
    source: 'MCP 2026-07-28, basic/patterns/cancellation',
    behaviour: 'A modern client that closes its connection cancels its request, all the way to the provider.',
  },
  {
    id: 'MCP-47',
    source: 'issue 4, must show 5',
    behaviour: 'Who may not see a tool cannot tell it from one that is not there.',
  },
  {
    id: 'MCP-48',
    source: 'MCP 2025-11-25, basic/lifecycle',
    behaviour:
      'Legacy clients open a session in a revision that both know, list and call; what their revision cannot read is left out.',
  },
  {
    id: 'MCP-49',
    source: 'MCP 2025-11-25, basic/transports',
    behaviour:
      'A session belongs to its principal and tool set; unknown and ended ones are 404, a missing id and a bad version 400.',
  },
  { id: 'MCP-50', source: 'DESIGN 10', behaviour: 'Sessions are bounded for each principal and over all.' },
  { id: 'MCP-51', source: 'DESIGN 8', behaviour: 'Sessions end when they idle, and when their key is revoked.' },
  {
    id: 'MCP-52',
    source: 'MCP 2025-11-25, basic/transports',
    behaviour:
      'A stream that broke can be resumed from the last event that its client has; nothing of another stream is replayed.',
  },
  {
    id: 'MCP-53',
    source: 'MCP 2025-11-25, basic/utilities/cancellation',
    behaviour: 'Legacy clients cancel by notification; nobody cancels what is in another session, whatever its id.',
  },
  {
    id: 'MCP-54',
    source: 'issue 4, must show 5',
    behaviour: 'A client that listens is told of changes to what it may see, once for many in a row, and of no others.',
  },
  {
    id: 'MCP-55',
    source: 'MCP 2025-03-26',
    behaviour: 'JSON-RPC batches are answered in the one revision that has them, bounded, and refused in others.',
  },
  {
    id: 'MCP-56',
    source: 'MCP 2025-11-25, server/resources',
    behaviour: 'Updates of resources reach the session that subscribed.',
  },
  {
    id: 'MCP-57',
    source: 'issue 4, translation between eras',
    behaviour:
      'A legacy client is asked by requests on its stream, whether its provider asks by requests or by input_required.',
  },
  {
    id: 'MCP-58',
    source: 'MCP 2026-07-28, basic/patterns/mrtr',
    behaviour:
      'A modern client is asked by input_required, whether its provider asks by requests or by input_required; a provider’s own state is nowhere to be read.',
  },
  {
    id: 'MCP-59',
    source: 'MCP 2026-07-28, basic/patterns/mrtr',
    behaviour:
      'A requestState works for the principal, the request and the provider that it was made for, once where a call waits, and only unchanged.',
  },
  {
    id: 'MCP-60',
    source: 'MCP 2026-07-28, basic/index',
    behaviour: 'Nobody is asked what they did not say that they answer: -32021 names it.',
  },
  { id: 'MCP-61', source: 'DESIGN 10', behaviour: 'Calls that wait for their clients are bounded in number and time.' },
  {
    id: 'MCP-62',
    source: 'issue 4, aggregation',
    behaviour:
      'Prompts, resources, templates and instructions of all upstreams are one offer, names with the prefix of their upstream, in an order that stays; the first upstream that has a URI is the one.',
  },
  {
    id: 'MCP-63',
    source: 'issue 4, aggregation',
    behaviour:
      'Prompts, resources and completion are asked of whose they are, by its own names, for clients of both eras.',
  },
  {
    id: 'MCP-64',
    source: 'issue 4, must show 5',
    behaviour: 'Who was not given a provider sees none of its prompts, resources and instructions, in no answer.',
  },
  {
    id: 'MCP-65',
    source: 'MCP 2026-07-28, server/utilities/caching',
    behaviour:
      'What an upstream calls public is private to its caller; listings come in pages, whose cursors are checked.',
  },
  {
    id: 'MCP-66',
    source: 'MCP 2026-07-28, basic/patterns/subscriptions',
    behaviour:
      'A listening stream is acknowledged with what is honoured, each message is tagged, and it ends with a result when the daemon goes away.',
  },
  {
    id: 'MCP-67',
    source: 'DESIGN 10',
    behaviour:
      'Listening streams are bounded for each principal, and end when their client leaves or their key is revoked.',
  },
  { id: 'MCP-68', source: 'DESIGN 10', behaviour: 'A client that does not read what it is sent is cut off.' },
  {
    id: 'MCP-69',
    source: 'issue 4, must show 5',
    behaviour:
      'A caller without a permission sees neither name nor schema of a tool, in listing, tool set, call, completion and error; each call is in the journal with hashes of arguments and result.',
  },
  {
    id: 'F44',
    source: 'FAULTS F44',
    behaviour: 'Clients that use the same JSON-RPC ids through the gateway each get their own answers.',
  },
  {
    id: 'MCP-70',
    source: 'issue 4, step-wise discovery',
    behaviour:
      'A set that is searched lists tool_search, tool_describe and tool_call instead of its tools; they show and do what the caller may.',
  },
  {
    id: 'MCP-71',
    source: 'issue 4, agents as tools',
    behaviour:
      'Skills of agents can be offered as tools, with their schemas, to whom they are granted; whichever agent has the skill answers.',
  },
  {
    id: 'MCP-72',
    source: 'issue 4, versions',
    behaviour:
      'Which revision each client speaks is journaled when it is first met, and shown with the sessions in mcp.status; how many are kept is bounded.',
  },
  {
    id: 'MCP-170',
    source: 'MCP 2025-11-25 logging',
    behaviour:
      'A log message of a server that belongs to no request is told to the sessions that asked for such, listen and may use the server, one that is a caller’s alone to that caller; a bounded number of each server each second, and none of it is kept to be said again.',
  },
  {
    id: 'MCP-160',
    source: 'issue 4, Tasks extension (SEP-2663)',
    behaviour:
      'A call of a skill by a modern client that declares the Tasks extension becomes a durable task of its principal where an agent takes tasks; its result or error is polled; clients that do not declare it wait for the result.',
  },
  {
    id: 'MCP-161',
    source: 'issue 4, Tasks extension (SEP-2663)',
    behaviour:
      'What a task waits for is put to clients that answer elicitation as forms; tasks/update answers them, answers to what is not asked are passed over, a refused form ends the task.',
  },
  {
    id: 'MCP-162',
    source: 'issue 4, Tasks extension (SEP-2663)',
    behaviour:
      'A task is there for the principal that began it alone; ids of others and made-up ones are answered alike; tasks/cancel is acknowledged as often as it is sent.',
  },
  {
    id: 'MCP-163',
    source: 'issue 4, Tasks extension (SEP-2663)',
    behaviour: 'A task that began through /mcp survives a kill -9 of the daemon, with its result or until it has one.',
  },
  {
    id: 'MCP-164',
    source: 'issue 4, Tasks extension (SEP-2663)',
    behaviour: 'A client that listens for its tasks is told each change of them, as tasks/get would answer it.',
  },
  {
    id: 'MCP-165',
    source: 'issue 4, Tasks extension (SEP-2663)',
    behaviour:
      'A task that a modern server began for a call is reached through the gateway by an id of ours, which is good for the principal that it was begun for, for as long as it may call the tool.',
  },
  {
    id: 'MCP-180',
    source: 'issue 4, Tasks extension (SEP-2663)',
    behaviour:
      "A task of a server's has an id; an error that its server answers about it is told with a bounded message, without the server's own id and without its data.",
  },
  {
    id: 'MCP-181',
    source: 'issue 4, Tasks extension (SEP-2663)',
    behaviour:
      'A task belongs to whoever was called, also when the tool is withdrawn, or another provider has its name, by the time that the call is answered.',
  },
  {
    id: 'MCP-182',
    source: 'DESIGN 10',
    behaviour: 'One principal follows a bounded number of its tasks, of all its streams and waiting requests together.',
  },
  {
    id: 'MCP-183',
    source: 'MCP 2026-07-28 subscriptions',
    behaviour: 'A task that is followed is told as it is once that was acknowledged, however much was said before.',
  },
  {
    id: 'MCP-184',
    source: 'MCP 2026-07-28 subscriptions',
    behaviour:
      'Events of a task that were missed keep nobody from being told what it is now; a listening stream whose task cannot be followed any more ends with a result.',
  },
  {
    id: 'MCP-185',
    source: 'issue 4, Tasks extension (SEP-2663)',
    behaviour: 'A call of a skill that is given up before it is told of its task leaves none behind.',
  },
  {
    id: 'MCP-189',
    source: 'ISSUE 4 core: human approval; MCP progress',
    behaviour:
      'A call that waits for a human says so by notifications/progress to a client of either era that gave a token.',
  },
  {
    id: 'MCP-166',
    source: 'issue 4, tasks as tools',
    behaviour:
      'Durable tasks can be offered as tools to submit, get, list, cancel and answer them, to whom they are granted and who may call the methods; what a task refuses is a result that says why.',
  },
  {
    id: 'MCP-167',
    source: 'MCP 2025-11-25 tasks',
    behaviour:
      'A client of revision 2025-11-25 can call a skill as a task, list, get and cancel its tasks, and wait for the result of one, with what it asks put to the client meanwhile; other tools are not called as tasks.',
  },
];
