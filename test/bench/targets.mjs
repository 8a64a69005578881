const enqueuedAndAcked = { scenario: 'durable', cell: 'enqueue+ack p64', metric: 'ops_s' };
const messages = { ...enqueuedAndAcked, contender: 'orchestrator-messages' };
const answered = { ...enqueuedAndAcked, contender: 'orchestrator-messages-answered' };
const tasks = { ...enqueuedAndAcked, contender: 'orchestrator-tasks' };

/**
 * What each figure must be, against a contender of the same run. `metric` is a column of the harness: srv_us (CPU of the server per
 * operation), ops_s, p50, total (MiB), ms (to ready), mib. `atMost` / `atLeast` bound ours divided by theirs; without `versus`, the
 * figure itself.
 */
export const TARGETS = [
  { scenario: 'rpc', cell: 'c64 w32 1024 B', metric: 'srv_us', versus: 'ws-json-cork', atMost: 1.3 },
  { scenario: 'rpc', cell: 'c64 w32 1024 B', metric: 'srv_us', versus: 'ws-json', atMost: 0.65 },
  { scenario: 'rpc', cell: 'c64 w32 1024 B', metric: 'srv_us', versus: 'rpc-websockets', atMost: 1 },
  { scenario: 'relay', cell: 'p16 w32 1024 B', metric: 'srv_us', versus: 'ws-hub-json', atMost: 0.35 },
  { scenario: 'relay', cell: 'p16 w32 1024 B', metric: 'srv_us', versus: 'mosquitto', atMost: 1 },
  { scenario: 'relay', cell: 'p16 w32 1024 B', metric: 'srv_us', versus: 'aedes', atMost: 1 },
  { scenario: 'relay', cell: 'p16 w32 1024 B', metric: 'srv_us', versus: 'socketio', atMost: 0.4 },
  { scenario: 'relay', cell: 'p16 w32 256 B', metric: 'srv_us', versus: 'nats', atMost: 1.8 },
  { scenario: 'durable', cell: 'enqueue p64', metric: 'ops_s', versus: 'jetstream', atLeast: 4 },
  { scenario: 'durable', cell: 'enqueue p64', metric: 'ops_s', versus: 'postgres', atLeast: 4 },
  { scenario: 'durable', cell: 'enqueue p1', metric: 'p50', versus: 'wal-fdatasync', atMost: 1.25 },
  {
    scenario: 'durable',
    cell: 'enqueue p64',
    contender: 'orchestrator-state',
    metric: 'ops_s',
    versus: 'orchestrator',
    atLeast: 1 / 1.5,
  },
  { ...messages, versus: 'jetstream', atLeast: 2 },
  { ...messages, versus: 'jetstream-pair', atLeast: 2 },
  { ...messages, versus: 'redis-always', atLeast: 1 },
  { ...answered, versus: 'jetstream', atLeast: 2 },
  { ...tasks, versus: 'jetstream', atLeast: 1 },
  { scenario: 'connections', contender: 'orchestrator', metric: 'total', atMost: 200 },
  { scenario: 'connections', contender: 'orchestrator-agents', metric: 'total', atMost: 350 },
  { scenario: 'startup', metric: 'ms', versus: 'our-deps', atMost: 1.3 },
  { scenario: 'startup', metric: 'mib', atMost: 110 },
];
