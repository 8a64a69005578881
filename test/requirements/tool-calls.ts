import type { Requirement } from './requirement.js';

const rows: readonly (readonly [id: string, behaviour: string])[] = [
  ['TOOL-40', 'every call of a tool is recorded with hashes of its arguments and result before it is answered'],
  ['TOOL-41', 'every refused call is recorded; who may not see a tool cannot tell it from one that is not there'],
  ['TOOL-42', 'a call without the capabilities that a tool needs names those that are missing'],
  ['TOOL-43', 'arguments keep to what the grants allow and to what is forbidden'],
  ['TOOL-44', 'arguments are checked against the input schema; the path of what is wrong is named'],
  ['TOOL-45', 'results are checked against the output schema; the path of what is wrong is named'],
  ['TOOL-46', 'a schema that cannot be checked in bounded time is left to its provider'],
  [
    'TOOL-47',
    'a provider that fails several times in a row is given a rest, then one call finds out whether it answers',
  ],
  ['TOOL-48', 'a circuit breaker lets at most one call through while it is not closed'],
  ['TOOL-49', 'a call ends when its time is over, and its provider is told'],
  ['TOOL-50', 'a call ends when its caller gives up, and its provider is told'],
  ['TOOL-51', 'calls of one tool and of one caller at a time are bounded; more wait, so many for so long'],
  ['TOOL-52', 'results of pure tools are kept for as long as these say, so many of them'],
  ['TOOL-53', 'a call has one effect for an idempotency key'],
  ['TOOL-54', 'a call of a destructive tool waits for a human, who sees its exact arguments and approves it once'],
  ['TOOL-55', 'a denied call is not made, nor shown again; what nobody decides on expires; all of it is recorded'],
  ['TOOL-56', 'what is approved when its caller waits no longer goes through once when it is called again'],
  ['TOOL-57', 'calls that wait for approval are bounded, and fail clearly when the daemon stops'],
  ['TOOL-58', 'an approval holds over the round trips that the tool needs'],
  ['TOOL-59', 'tool.call answers what the tool answers, what it asks for, or what its provider failed with'],
  ['TOOL-60', 'a caller that wants to know is told how far its call is'],
  ['TOOL-61', 'calls under way are listed and can be ended by their caller and by who may'],
  ['TOOL-62', 'who may approve calls sees those that wait, and cannot approve calls of their own'],
  ['TOOL-63', 'tool.providers shows whether calls go through, to who may see tools of the provider'],
  ['TOOL-64', 'tool calls of a context or trace are in its timeline for as long as they are kept'],
  [
    'TOOL-65',
    'what comes of a tool call that an agent answers is in its context, under its trace, and below it in timelines',
  ],
  ['TOOL-66', 'tools that call each other without end are stopped'],
  [
    'TOOL-70',
    'rules say which calls wait for a human besides, of which providers none do, and whether callers approve their own',
  ],
  ['TOOL-67', 'tools that an agent offers answer whoever calls them, with what their schemas allow'],
  ['TOOL-68', 'tools of an agent say how far they are, and are told when nobody waits any more'],
  ['TOOL-69', 'an agent offers its tools again on each connection'],
  ['TOOL-71', 'tool calls are counted by provider and outcome, and by tool up to a bound'],
  [
    'TOOL-77',
    'while a call waits for a human, a caller that wants progress is told what it waits for, at a bounded rate; what it is told rises',
  ],
  [
    'TOOL-78',
    'a request for approval that the daemon did not outlive has its end in the journal after the next start, once; nobody is shown one before it is durable',
  ],
  ['TOOL-72', 'calls of a tool are in no listing and no timeline of who may not see the tool and did not call it'],
];

export const toolCalls: readonly Requirement[] = rows.map(([id, behaviour]) => ({ id, source: 'issue 4', behaviour }));
