import { OrchestratorError } from '@ai-orchestrator/protocol';
import { connect, type Client } from '@ai-orchestrator/protocol/client';
import type { TestDaemon } from './daemon.js';

/** What every word that is planted begins with. */
export const MARK = 'planted7f3a';

/** A word that is planted by one way into a context, and nowhere else. */
export function planted(way: string): string {
  return `${MARK}-${way}-end`;
}

const card = { name: 'Worker', version: '1.0.0', skills: [{ id: 'work' }] };
/** Larger than what a transcript says itself. */
const LARGE = 'x'.repeat(300 * 1024);

/** What is planted, and what is on its way when it was. */
export interface Planted {
  /** Each way in. */
  readonly ways: readonly string[];
  /** Messages of the context. */
  readonly messageIds: readonly string[];
  readonly taskIds: readonly string[];
  readonly clients: readonly Client[];
  /** Who leads the context. */
  readonly lead: Client;
}

/** A client with a key of its own. */
export async function clientOf(daemon: TestDaemon, name: string, role: 'agent' | 'operator'): Promise<Client> {
  const admin = await connect({ url: daemon.url, token: daemon.adminKey });
  const { secret } = await admin.call('key.create', { name, roles: [role] });
  await admin.close();
  return connect({ url: daemon.url, token: secret });
}

/** Fills a context by every way that content gets into one, with words that are found again. */
export async function plantContent(daemon: TestDaemon, contextId: string): Promise<Planted> {
  const lead = await clientOf(daemon, 'lead', 'operator');
  const worker = await clientOf(daemon, 'worker', 'agent');
  const ways: string[] = [];
  const plant = (way: string): string => {
    ways.push(way);
    return planted(way);
  };
  const create = { contextId, title: plant('title'), participants: [{ agent: 'worker' }, { agent: 'away' }] };
  const handled = handleMessages(worker, plant);
  const worked = workOnTasks(worker, plant);
  await worker.call('agent.register', { agentId: 'away', card });
  await worker.call('agent.register', { agentId: 'worker', card });
  await worker.call('inbox.open', { agentId: 'worker' });
  await worker.call('task.open', { agentId: 'worker' });
  await lead.call('context.create', { ...create, idempotencyKey: plant('key') });

  const say = { contextId, agentId: 'worker', type: plant('entry-type'), contentType: plant('entry-content-type') };
  for (let n = 0; n < 20; n++) {
    const payload = { text: plant(`entry-${String(n)}`), filling: 'x'.repeat(n * 200) };
    await worker.call('context.append', { ...say, payload, idempotencyKey: plant(`say-key-${String(n)}`) });
  }
  await lead.call('context.summarize', { contextId, upTo: 9, payload: plant('summary') });
  await lead.call('context.update', { contextId, title: plant('second-title') });

  const messageIds: string[] = [];
  const send = async (what: string, more: object = {}, agent = 'worker'): Promise<void> => {
    const about = {
      contextId,
      correlationId: plant(`${what}-correlation`),
      contentType: plant(`${what}-content-type`),
    };
    const payload = { do: what, text: plant(`${what}-payload`) };
    const key = { idempotencyKey: plant(`${what}-key`), maxAttempts: 1 };
    const sent = await lead.call('message.send', { to: { agent }, payload, ...about, ...key, ...more });
    messageIds.push(sent.messageId);
  };
  for (const what of ['handled', 'acked', 'failed', 'deadLettered', 'nacked', 'again', 'held']) await send(what);
  await send('away', {}, 'away');
  await send('large', { payload: { do: 'held', text: plant('large-payload'), filling: LARGE } });
  const all = { to: { context: contextId }, payload: { do: 'handled', text: plant('to-all') } };
  const { messages = [] } = await worker.call('message.send', { ...all });
  messageIds.push(...messages.map(({ messageId }) => messageId));
  await handled();
  const { entries } = await lead.call('deadLetter.list', {});
  const again = await lead.call('deadLetter.redeliver', { id: entries.at(-1)?.id ?? '' });
  // It fails again, and waits for its next attempt.
  messageIds.push(again.id);

  const taskIds: string[] = [];
  for (const what of ['completed', 'failed', 'rejected', 'asking', 'working', 'canceled']) {
    const { taskId } = await lead.call('task.submit', {
      to: { agent: 'worker' },
      input: { do: what, text: plant(`${what}-input`) },
      title: plant(`${what}-title`),
      labels: { note: plant(`${what}-label`) },
      correlationId: plant(`${what}-task-correlation`),
      retry: { maxAttempts: 1 },
      idempotencyKey: plant(`${what}-task-key`),
      contextId,
    });
    taskIds.push(taskId);
  }
  await worked();
  await lead.call('task.cancel', { taskId: taskIds.at(-1) ?? '', reason: plant('cancel-reason') });
  for (const taskId of taskIds) {
    for (const { inputId } of (await lead.call('task.get', { taskId })).task.inputs ?? []) {
      await lead.call('task.respond', { taskId, inputId, payload: plant('answer') });
    }
  }

  const write = { contextId };
  const fields = { both: { rule: 'keep-both' as const }, set: { rule: 'merge' as const, merge: 'set' as const } };
  const schema = { type: 'object', description: plant('schema') };
  await lead.call('state.define', { ...write, schema, fields });
  await lead.call('state.put', { ...write, field: 'over', value: plant('overwritten') });
  await lead.call('state.put', { ...write, field: 'over', value: plant('value'), idempotencyKey: plant('state-key') });
  await lead.call('state.put', { ...write, field: 'set', insert: [plant('item')] });
  await lead.call('state.put', { ...write, field: 'both', value: plant('one'), base: 0 });
  await worker.call('state.put', { ...write, field: 'both', value: plant('other'), base: 0 });
  await lead.call('state.put', { ...write, field: 'gone', value: plant('deleted') });
  await lead.call('state.put', { ...write, field: 'gone', delete: true });
  await lead.call('state.patch', { ...write, mergePatch: { patched: { deep: plant('patched') } } });
  const replica = '00000000000000aa';
  const time = `${Date.now().toString(16).padStart(12, '0')}-0000-${replica}`;
  const changes = [{ field: 'brought', base: 0, time, value: plant('brought') }];
  await lead.call('state.sync', { ...write, replica, since: 0, changes });
  return { ways, messageIds, taskIds, clients: [lead, worker], lead };
}

/** Does with each message what it says; answers how to wait until all but those that are held are settled. */
function handleMessages(worker: Client, plant: (way: string) => string): () => Promise<void> {
  const settling: Promise<unknown>[] = [];
  worker.handle('message.handle', ({ message, payload }) => {
    const { id: messageId, deliveryId } = message;
    const at = { messageId, deliveryId };
    switch ((payload as { readonly do: string }).do) {
      case 'held':
        return { ack: false };
      case 'acked':
        settling.push(worker.call('message.ack', { ...at, idempotencyKey: plant('ack-key') }));
        return { ack: false };
      case 'nacked':
        settling.push(worker.call('message.nack', { ...at, final: true, reason: plant('nack-reason') }));
        return { ack: false };
      case 'failed':
        throw new OrchestratorError('invalid_params', plant('refusal'), { retryable: false, why: plant('data') });
      case 'deadLettered':
        throw new OrchestratorError('agent_unavailable', plant(`${messageId}-error`));
      case 'again':
        // Of an attempt that is not the last nothing is kept that the agent says.
        throw new OrchestratorError('agent_unavailable', plant(`${messageId}-answer`));
      default:
        return { said: plant(`${messageId}-answer`) };
    }
  });
  return async () => {
    for (;;) {
      const { messages, inFlight } = await worker.call('inbox.get', { agentId: 'worker' });
      await Promise.all(settling);
      if (messages === 2 && inFlight === 2) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
}

/** Does with each task what it says; answers how to wait until that is done. */
function workOnTasks(worker: Client, plant: (way: string) => string): () => Promise<void> {
  const working: Promise<unknown>[] = [];
  worker.handle('task.assign', ({ task: { taskId, epoch }, input }) => {
    const { do: what } = input as { readonly do: string };
    working.push(work(worker, { taskId, epoch }, what, (way) => plant(`${what}-${way}`)));
    return null;
  });
  return async () => {
    while (working.length < 6) await new Promise((resolve) => setTimeout(resolve, 20));
    await Promise.all(working);
  };
}

async function work(
  worker: Client,
  at: { readonly taskId: string; readonly epoch: number },
  what: string,
  plant: (way: string) => string,
): Promise<void> {
  await worker.call('task.progress', { ...at, progress: 0.5, message: plant('progress') });
  const artifact = { ...at, artifactId: 'a', name: plant('artifact-name'), contentType: plant('artifact-type') };
  const chunk = { ...artifact, encoding: 'text' as const };
  await worker.call('task.artifact', { ...chunk, chunk: 0, last: false, data: plant('chunk') });
  await worker.call('task.artifact', { ...chunk, chunk: 1, last: true, data: plant('last-chunk') });
  const encoded = Buffer.from(planted(`${what}-encoded`)).toString('base64');
  await worker.call('task.artifact', {
    ...at,
    artifactId: 'b',
    chunk: 0,
    last: true,
    encoding: 'base64',
    data: encoded,
  });
  if (what === 'completed') {
    await worker.call('task.complete', { ...at, output: plant('output'), idempotencyKey: plant('complete-key') });
  } else if (what === 'failed') {
    const error = { name: 'broken', message: plant('error'), data: { why: plant('error-data') } };
    await worker.call('task.fail', { ...at, error });
  } else if (what === 'rejected') await worker.call('task.reject', { ...at, reason: plant('reason') });
  else if (what === 'asking') {
    const schema = { type: 'string', description: plant('answer-schema') };
    await worker.call('task.needInput', { ...at, kind: 'input', prompt: plant('prompt'), schema });
  }
}
