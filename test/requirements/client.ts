import type { Requirement } from './requirement.js';

export const client: readonly Requirement[] = [
  {
    id: 'CLIENT-01',
    source: 'issue 2, protocol',
    behaviour: 'openrpc.json is valid OpenRPC 1.3.2 and has every method.',
  },
  { id: 'CLIENT-02', source: 'issue 2, protocol', behaviour: 'Every method has an example.' },
  { id: 'CLIENT-03', source: 'issue 2, protocol', behaviour: 'Every example is valid for its method.' },
  { id: 'CLIENT-04', source: 'DESIGN 4', behaviour: 'A generated file that is stale fails a check.' },
  {
    id: 'CLIENT-05',
    source: 'issue 2, protocol',
    behaviour: 'The OpenRPC document can include the methods of plugins.',
  },
  {
    id: 'CLIENT-10',
    source: 'issue 2, protocol',
    behaviour: 'In Node the client logs in by the header at the upgrade and knows its session.',
  },
  {
    id: 'CLIENT-11',
    source: 'issue 2, protocol',
    behaviour: 'With a standard WebSocket, which can set no header, the client logs in by its first call.',
  },
  {
    id: 'CLIENT-12',
    source: 'issue 2, protocol',
    behaviour: 'A refused login and an unreachable daemon are clear errors; a refused login is not tried again.',
  },
  {
    id: 'CLIENT-13',
    source: 'issue 2, protocol',
    behaviour: "A call answers its result, or the daemon's error with its name, retryability and data.",
  },
  {
    id: 'CLIENT-14',
    source: 'issue 2, protocol',
    behaviour: 'Every call takes an AbortSignal and a time limit; both cancel the request at the daemon.',
  },
  {
    id: 'CLIENT-15',
    source: 'issue 2, protocol',
    behaviour: "Calls, bytes and messages past the client's bounds are refused before they are sent.",
  },
  {
    id: 'CLIENT-16',
    source: 'issue 2, protocol',
    behaviour:
      'After a lost connection only calls that are safe to repeat are sent again; another that was sent fails with connection_lost.',
  },
  {
    id: 'CLIENT-17',
    source: 'issue 2, protocol',
    behaviour: 'Calls made while there is no connection wait for the next one.',
  },
  {
    id: 'CLIENT-18',
    source: 'issue 2, protocol',
    behaviour:
      'The client holds calls back once the daemon goes away, and stays away as long as it asks; its status is an async iterator.',
  },
  {
    id: 'CLIENT-19',
    source: 'issue 2, protocol',
    behaviour: 'A connection that is dead without a word is noticed and replaced.',
  },
  {
    id: 'CLIENT-20',
    source: 'issue 2, protocol',
    behaviour: 'drain() takes no new calls, waits for those in flight, then closes.',
  },
  {
    id: 'CLIENT-21',
    source: 'issue 2, protocol',
    behaviour: 'A subscription goes on after a reconnect: every record once and in order.',
  },
  {
    id: 'CLIENT-22',
    source: 'issue 2, protocol',
    behaviour: 'A subscription throws cursor_expired instead of leaving a gap.',
  },
  {
    id: 'CLIENT-23',
    source: 'issue 2, protocol',
    behaviour:
      'A subscription whose reader is slow pauses, keeps a bounded number of entries, and goes on without a gap.',
  },
  {
    id: 'CLIENT-24',
    source: 'issue 2, protocol',
    behaviour: 'A subscription ends at the daemon when its reader has gone.',
  },
  {
    id: 'CLIENT-25',
    source: 'issue 2, protocol',
    behaviour:
      'An agent made with the client registers and answers messages; what its handler throws unmeant is not told.',
  },
  {
    id: 'CLIENT-26',
    source: 'issue 2, protocol',
    behaviour: 'An agent works on a bounded number of messages at a time and keeps a bounded number waiting.',
  },
  { id: 'CLIENT-27', source: 'issue 2, protocol', behaviour: 'Work on a message that is canceled is aborted.' },
  {
    id: 'CLIENT-28',
    source: 'issue 2, protocol',
    behaviour: 'An agent streams parts of its answer, and asks others within the message that it answers.',
  },
  { id: 'CLIENT-29', source: 'issue 2, protocol', behaviour: 'Parts of a streamed answer come in order.' },
  {
    id: 'CLIENT-30',
    source: 'issue 2, protocol',
    behaviour: 'An agent is registered again after a reconnect, in its state, unless it was replaced.',
  },
  {
    id: 'CLIENT-31',
    source: 'issue 2, protocol',
    behaviour: 'The client for browsers has no dependency beyond their own WebSocket.',
  },
  {
    id: 'CLIENT-40',
    source: 'issue 2, examples and protocol',
    behaviour: 'Two agents in TypeScript: one answers by way of the other.',
  },
  {
    id: 'CLIENT-41',
    source: 'issue 2, examples and protocol',
    behaviour: 'An agent in Python with nothing but python3-websockets.',
  },
  { id: 'CLIENT-42', source: 'issue 2, examples and protocol', behaviour: 'An agent from the shell with wscat.' },
  {
    id: 'CLIENT-43',
    source: 'issue 2, examples and protocol',
    behaviour:
      'Against the daemon, a subscription sees every record once and in order though its connection is cut at random points.',
  },
  {
    id: 'CLIENT-44',
    source: 'issue 2, examples and protocol',
    behaviour: 'Against the daemon, the client streams, cancels and drains.',
  },
  {
    id: 'CLIENT-45',
    source: 'issue 2, examples and protocol',
    behaviour: 'A client comes back by itself after a restart of the daemon, with its agents.',
  },
  {
    id: 'CLIENT-32',
    source: 'issue 2, what it must show',
    behaviour: 'In a browser the built client, as it is, logs in, calls and answers as an agent.',
  },
  { id: 'CLIENT-50', source: 'issue 2, what it must show', behaviour: 'rpc-websockets makes an authenticated call.' },
  {
    id: 'CLIENT-51',
    source: 'issue 2, what it must show',
    behaviour: '@open-rpc/client-js makes an authenticated call.',
  },
  { id: 'CLIENT-52', source: 'issue 2, what it must show', behaviour: 'json-rpc-2.0 makes an authenticated call.' },
  {
    id: 'CLIENT-53',
    source: 'issue 2, what it must show',
    behaviour: 'vscode-ws-jsonrpc makes an authenticated call.',
  },
  { id: 'CLIENT-54', source: 'issue 2, what it must show', behaviour: 'jayson makes an authenticated call.' },
  { id: 'CLIENT-55', source: 'issue 2, what it must show', behaviour: 'wscat makes an authenticated call.' },
  {
    id: 'CLIENT-56',
    source: 'issue 2, what it must show',
    behaviour: 'Python websockets makes an authenticated call.',
  },
  { id: 'CLIENT-57', source: 'issue 2, what it must show', behaviour: 'Python autobahn makes an authenticated call.' },
  {
    id: 'CLIENT-60',
    source: 'issue 3, client',
    behaviour: 'The store in memory that the test kit runs on keeps the store contract.',
  },
  {
    id: 'CLIENT-61',
    source: 'issue 3, client',
    behaviour: 'The test kit runs an agent against the real core in the same process, without a port or a disk.',
  },
  {
    id: 'CLIENT-62',
    source: 'issue 3, client',
    behaviour: "A test moves the orchestrator's time, and its clients go by the same.",
  },
  {
    id: 'CLIENT-63',
    source: 'issue 3, client',
    behaviour: 'A test cuts connections and starts the orchestrator again; its clients come back by themselves.',
  },
  {
    id: 'CLIENT-64',
    source: 'issue 3, client',
    behaviour: 'Without the core beside it the test kit says what to install.',
  },
  {
    id: 'CLIENT-65',
    source: 'DESIGN 4',
    behaviour: 'The typed client calls only what the daemon answers, and answers only what the daemon calls.',
  },
  {
    id: 'CLIENT-70',
    source: 'issue 3, client',
    behaviour: 'An agent is its skills with their handlers; what names none of them goes to the handler for the rest.',
  },
  {
    id: 'CLIENT-71',
    source: 'issue 3, client',
    behaviour:
      'An agent takes durable messages on each of its connections; each is acknowledged once its handler is done.',
  },
  {
    id: 'CLIENT-72',
    source: 'issue 3, client',
    behaviour:
      'What a handler throws hands the message back: for another attempt, or for good when trying again cannot help.',
  },
  {
    id: 'CLIENT-73',
    source: 'issue 3, client',
    behaviour:
      'A message that is delivered again while it is handled joins the work; one that was handled is acknowledged again, within a bounded memory.',
  },
  {
    id: 'CLIENT-74',
    source: 'issue 3, client',
    behaviour: 'While a handler runs, the client asks for more time for the delivery that counts.',
  },
  {
    id: 'CLIENT-75',
    source: 'issue 3, client',
    behaviour: 'Messages of one type are handled no more than so many at a time.',
  },
  {
    id: 'CLIENT-76',
    source: 'issue 3, client',
    behaviour: 'A message is sent once though the connection breaks before its acceptance is known.',
  },
  {
    id: 'CLIENT-77',
    source: 'issue 3, client',
    behaviour:
      'A sender has the receipt of its message once it is settled: by one subscription for all of them, over reconnects, and without one when none is free.',
  },
  {
    id: 'CLIENT-78',
    source: 'issue 3, client',
    behaviour:
      'Against the core a message is handled once and its sender has the receipt, whatever is cut; what a handler throws is tried again or ends it.',
  },
  {
    id: 'CLIENT-79',
    source: 'issue 3, client',
    behaviour: 'A message to a context has a receipt from each agent that speaks in it.',
  },
  {
    id: 'CLIENT-80',
    source: 'issue 3, client',
    behaviour: 'A worker does a task by its skill and tells its outcome; what its handler throws unmeant is not told.',
  },
  {
    id: 'CLIENT-81',
    source: 'issue 3, client',
    behaviour: 'Work on a task goes on over a lost connection, and its outcome is told until the daemon has answered.',
  },
  {
    id: 'CLIENT-82',
    source: 'issue 3, client',
    behaviour: 'While a handler works on a task the client says that it lives, and learns so what it missed.',
  },
  {
    id: 'CLIENT-83',
    source: 'issue 3, client',
    behaviour: 'Work on a task stops when it is canceled or when another attempt has begun.',
  },
  {
    id: 'CLIENT-84',
    source: 'issue 3, client',
    behaviour:
      'A worker says how far it is, the newest only, and adds artifacts in chunks that are sent again when in doubt.',
  },
  {
    id: 'CLIENT-85',
    source: 'issue 3, client',
    behaviour: 'A submitter sees every event of a task once and in order, though its connection is cut at each.',
  },
  {
    id: 'CLIENT-86',
    source: 'issue 3, client',
    behaviour:
      'A submitter has the result of a completed task, and an error that says how it ended otherwise; of more tasks than it has subscriptions.',
  },
  {
    id: 'CLIENT-87',
    source: 'issue 3, client',
    behaviour: 'An artifact is read chunk by chunk, all of one version.',
  },
  {
    id: 'CLIENT-88',
    source: 'issue 3, client',
    behaviour:
      'Against the core a task with progress, input, artifacts and sub-tasks comes to its outcome though every connection is cut, and though the core starts again.',
  },
  {
    id: 'CLIENT-89',
    source: 'issue 3, client',
    behaviour:
      'A context is followed from any entry, each once and in order over reconnects; a participant may wait for its turn to speak.',
  },
  {
    id: 'CLIENT-91',
    source: 'issue 3, client',
    behaviour:
      'With sockets cut at random, handlers, receipts, tasks, artifacts and what is followed go on by themselves, each once.',
  },
  {
    id: 'CLIENT-92',
    source: 'issue 3, client',
    behaviour:
      'The example of a task: a worker that tells its progress and leaves an artifact, a submitter that follows it.',
  },
  {
    id: 'CLIENT-93',
    source: 'issue 3, client',
    behaviour: 'The example of a conversation: three agents that speak by turns, and who convenes them.',
  },
  {
    id: 'CLIENT-94',
    source: 'issue 3, client',
    behaviour:
      'The example of a durable agent in Python over plain WebSockets: messages and tasks, each done once though the daemon is killed.',
  },
  {
    id: 'CLIENT-90',
    source: 'issue 3, client',
    behaviour: 'The code in the documentation compiles.',
  },
  {
    id: 'CLIENT-95',
    source: 'issue 3, documents',
    behaviour: 'The programs of the guides run to their end against a daemon.',
  },
  {
    id: 'CLIENT-96',
    source: 'issue 3, client',
    behaviour: 'An agent that answers requests, does tasks and handles messages has ten lines.',
  },
  {
    id: 'CLIENT-97',
    source: 'issue 3, agent state',
    behaviour:
      'A change of a replica that no document takes is given up and told of; those beside it are synchronised, and the replica stays in step.',
  },
  {
    id: 'CLIENT-98',
    source: 'issue 3, agent state',
    behaviour:
      'A map that a replica deletes is deleted with the keys that the replica knows; what others wrote beside stays.',
  },
  {
    id: 'CLIENT-99',
    source: 'issue 3',
    behaviour:
      'What a replica wrote as a whole before it knew that a field is merged key by key names the keys that it knew, and no others.',
  },
  {
    id: 'CLIENT-66',
    source: 'issue 3, client',
    behaviour: 'Documents are read, written, patched and followed by the client, over cut connections.',
  },
  {
    id: 'CLIENT-67',
    source: 'issue 3, client',
    behaviour:
      'A replica is read and written without a connection, saved and restored, and kept in step with its document by itself; what became of each change is told.',
  },
];
