// The program of one agent of the delivery harness. Its orders are its argument; a line "rest" on its input makes it well-behaved, and
// it says "quiet" whenever it has nothing left to do.
import { createInterface } from 'node:readline';
import { AgentHandler } from './agent-handler.js';
import { AgentLink } from './agent-link.js';
import { AgentSender, delay, type AgentOrders } from './agent-sender.js';
import { History } from './history.js';
import { pullMessages } from './pull-messages.js';
import { Seeded, seedFor } from './seeded.js';

const WINDOW = 8;
const LOOK_MS = 200;
/** What makes a connection take them. */
const OPEN = { message: 'inbox.open', task: 'task.open' } as const;

const orders = JSON.parse(process.argv[2] ?? '{}') as AgentOrders;
const random = new Seeded(seedFor(orders.seed, `${orders.agentId} connects ${String(orders.generation)}`));
const history = new History(orders.history, orders.agentId);
let current: AgentLink | undefined;
const waiting = new Set<(link: AgentLink) => void>();

/** The connection, once there is one that takes the agent's messages. */
async function link(): Promise<AgentLink> {
  if (current?.isOpen === true) return current;
  return new Promise((resolve) => waiting.add(resolve));
}

const sender = new AgentSender(orders, history, link);
const handler = new AgentHandler(orders, history, sender, link);

async function connectOnce(): Promise<void> {
  const { agentId, url, token, skill, kinds, pulls } = orders;
  const made = await AgentLink.open(url, token, (call) => handler.take(call));
  try {
    const card = { name: agentId, version: '1.0.0', skills: [{ id: skill }] };
    for (const [method, params] of [
      ['agent.register', { agentId, card, leaseMs: 60_000 }],
      ...kinds
        .filter((kind) => kind !== 'message' || !pulls)
        .map((kind) => [OPEN[kind], { agentId, window: WINDOW }] as const),
    ] as const) {
      const answer = await made.call(method, params);
      if (!('result' in answer)) throw new Error(`${method}: ${'error' in answer ? answer.error : 'no answer'}`);
    }
    current = made;
    for (const resolve of waiting) resolve(made);
    waiting.clear();
    if (pulls && kinds.includes('message')) await pullMessages(made, agentId, (call) => handler.take(call), random);
    await made.closed;
  } finally {
    made.end();
  }
}

async function stayConnected(): Promise<void> {
  for (;;) {
    try {
      await connectOnce();
    } catch (error) {
      process.stderr.write(`${orders.agentId}: ${String(error)}\n`);
    }
    await delay(random.wait(100));
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  if (line !== 'rest') return;
  sender.rest();
  handler.rest();
});
process.stdin.on('end', () => process.exit(0));
setInterval(() => {
  if (sender.open === 0 && handler.busy === 0 && current?.isOpen === true) process.stdout.write('quiet\n');
}, LOOK_MS);
await Promise.all([stayConnected(), sender.run()]);
