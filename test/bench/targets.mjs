const enqueuedAndAcked = { scenario: 'durable', cell: 'enqueue+ack p64', metric: 'ops_s' };
const messages = { ...enqueuedAndAcked, contender: 'orchestrator-messages' };
const answered = { ...enqueuedAndAcked, contender: 'orchestrator-messages-answered' };
const tasks = { ...enqueuedAndAcked, contender: 'orchestrator-tasks' };
/** What a server in Node that does nothing but this reaches in the same run; and with JSON read, a journal and an index. */
const limit = { ...enqueuedAndAcked, contender: 'hub-durable' };
const limitWithDuties = { ...enqueuedAndAcked, contender: 'hub-duties' };
const limitAnswered = { ...enqueuedAndAcked, contender: 'hub-durable-answered' };
const calls = { scenario: 'mcp', cell: 'c32', metric: 'root_us' };
const oneCall = { scenario: 'mcp', cell: 'c1', metric: 'p50' };

/**
 * What each figure must be, against a contender of the same run. `metric` is a column of the harness: srv_us (CPU of the server per
 * operation), root_us (the same without the programs that it started), ops_s, p50 (µs), total (MiB), ms (to ready), mib. `atMost` /
 * `atLeast` bound ours divided by theirs, or less theirs with `over`; without either, the figure itself. What has no bound is said, not judged.
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
  { ...messages, versus: limit.contender },
  { ...messages, versus: limitWithDuties.contender },
  { ...answered, versus: limitAnswered.contender },
  { ...tasks, versus: limit.contender },
  { ...limit, versus: 'jetstream' },
  { ...limit, versus: 'redis-always' },
  { ...limitWithDuties, versus: 'jetstream' },
  { ...limitWithDuties, versus: 'redis-always' },
  { ...limitAnswered, versus: 'jetstream' },
  { ...calls, versus: 'mcp-hub', atMost: 0.15 },
  { ...calls, versus: 'sdk1-gateway', atMost: 0.1 },
  { ...calls, contender: 'orchestrator-stdio', versus: 'mcp-proxy', atMost: 0.4 },
  { ...calls, contender: 'orchestrator-modern', versus: 'mcp-hub', atMost: 0.15 },
  { ...calls, metric: 'ops_s', versus: 'mcp-hub', atLeast: 5 },
  // What a call through a gateway costs that reads nothing of it, and how far from that the peers are on this machine.
  { ...calls, versus: 'proxy-lean' },
  { ...calls, contender: 'sdk1-gateway', versus: 'proxy-lean' },
  { ...calls, contender: 'mcp-hub', versus: 'proxy-lean' },
  { ...oneCall, over: 'http-min', atMost: 1000 },
  { ...oneCall, contender: 'orchestrator-modern', over: 'http-min', atMost: 1000 },
  { scenario: 'connections', contender: 'orchestrator', metric: 'total', atMost: 200 },
  { scenario: 'connections', contender: 'orchestrator-agents', metric: 'total', atMost: 350 },
  { scenario: 'startup', metric: 'ms', versus: 'our-deps', atMost: 1.3 },
  { scenario: 'startup', metric: 'mib', atMost: 110 },
];
