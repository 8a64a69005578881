import { once } from 'node:events';
import { WebSocket } from 'ws';

/**
 * An agent in a process of its own that takes part in a conversation: it speaks when it is its turn, and does what it was asked for.
 * Written against the wire alone, as an agent in any language is.
 */
interface Options {
  readonly url: string;
  readonly key: string;
  readonly agentId: string;
  readonly contextId: string;
  /** Whether it stands still in its turn, until it is killed. */
  readonly stuck?: boolean;
}

interface Entry {
  readonly entry: number;
  readonly payload?: { readonly ask?: string; readonly of?: string };
  readonly turn?: { readonly holder?: { readonly agent?: string } };
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly entries: readonly Entry[] };
  readonly result?: unknown;
  readonly error?: { readonly data: { readonly name: string } };
}

const { url, key, agentId, contextId, stuck } = JSON.parse(process.argv[2] ?? '{}') as Options;
const socket = new WebSocket(url, { headers: { authorization: `Bearer ${key}` } });
const waiting = new Map<number, (message: Message) => void>();
const asked: string[] = [];
let work = Promise.resolve();
let calls = 0;

async function call<T>(method: string, params: object): Promise<T> {
  const id = ++calls;
  socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
  const { result, error } = await new Promise<Message>((resolve) => waiting.set(id, resolve));
  if (error !== undefined) throw new Error(error.data.name);
  return result as T;
}

/** Every entry, by pages of two. */
async function readAll(from: 'start' | 'end'): Promise<number[]> {
  const numbers: number[] = [];
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const params = { contextId, from, limit: 2, ...(cursor === undefined ? {} : { cursor }) };
    const page = await call<{ entries: Entry[]; cursor?: string }>('context.read', params);
    numbers.push(...page.entries.map(({ entry }) => entry));
    cursor = page.cursor;
  }
  return numbers;
}

async function speak(entry: number): Promise<void> {
  const task = asked.shift();
  let payload: object = { says: `${agentId} heard ${String(entry)}` };
  if (task === 'summarize') {
    const { covers } = await call<{ covers: unknown }>('context.summarize', {
      contextId,
      upTo: entry - 1,
      payload: { says: 'what was said until then' },
    });
    payload = { covers };
  } else if (task === 'read') {
    payload = { start: await readAll('start'), end: await readAll('end') };
  }
  await call('context.append', { contextId, payload, idempotencyKey: `${agentId}-${String(entry)}` });
}

async function heard({ entry, payload, turn }: Entry): Promise<void> {
  if (payload?.of === agentId && payload.ask !== undefined) asked.push(payload.ask);
  if (turn?.holder?.agent !== agentId) return;
  process.stdout.write('my turn\n');
  if (stuck === true) return;
  await speak(entry);
}

socket.on('message', (data: Buffer) => {
  const message = JSON.parse(data.toString()) as Message;
  if (message.method === 'subscription.events') {
    // One after another: what it does in its turn reads and writes, and entries go on coming meanwhile.
    for (const entry of message.params?.entries ?? []) work = work.then(() => heard(entry));
  } else if (message.id !== undefined) {
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  }
});

await once(socket, 'open');
await call('agent.register', { agentId, card: { name: agentId, version: '1.0.0', skills: [] } });
process.stdout.write('registered\n');
await once(process.stdin, 'data');
await call('context.watch', { contextId });
process.stdout.write('watching\n');
