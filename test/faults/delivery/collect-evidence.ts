import { hash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RawConnection } from '../../support/raw-connection.js';
import type { Evidence, FinalReceipt, JournalFact, KeptArtifact, Operation, Outcome } from './evidence.js';
import { readHistory } from './history.js';
import { entriesOf } from './pages.js';
import { NEVER } from './task-handler.js';

/** Calls at a time. */
const AT_ONCE = 64;
const ACTIONS = [
  'message.accepted',
  'message.settled',
  'task.submitted',
  'task.completed',
  'task.failed',
  'task.canceled',
  'task.rejected',
  'task.inputGiven',
  'message.redelivered',
  'message.discarded',
  'task.redelivered',
  'task.discarded',
];

interface Entry {
  readonly action: string;
  readonly resource: string;
  readonly contentHash?: string;
  readonly details: {
    readonly agent?: string;
    readonly toAgent?: string;
    readonly outcome?: Outcome;
    readonly attempts?: number;
    readonly attempt?: number;
    readonly error?: string;
    readonly deadLetter?: boolean;
    readonly inputId?: string;
    readonly as?: string;
  };
}

/** All that clients wrote down. Reading it takes a while, in which no connection is looked after: read it before there is one. */
export async function readHistories(folder: string): Promise<Operation[]> {
  const files = await readdir(folder);
  return files.flatMap((file) => readHistory(join(folder, file)));
}

/** Asks the daemon for all that it knows of what clients and its journal name. */
export async function collectEvidence(
  admin: RawConnection,
  operations: readonly Operation[],
  contexts: readonly string[],
  limits: Pick<Evidence, 'maxAttempts' | 'backoffMaxMs'>,
): Promise<Evidence> {
  const { journal, tasks } = await journalFacts(admin);
  const ids = new Set(journal.map(({ id }) => id));
  for (const operation of operations) {
    if ('id' in operation) ids.add(operation.id);
    if (operation.op === 'sent') for (const id of operation.ids ?? []) ids.add(id);
    // Deliveries of tasks name their epoch.
    if (operation.op === 'delivered' && operation.delivery.startsWith(`${operation.id} `)) tasks.add(operation.id);
  }
  const receipts = new Map<string, FinalReceipt>();
  const all = [...ids];
  for (let from = 0; from < all.length; from += AT_ONCE) {
    await Promise.all(
      all.slice(from, from + AT_ONCE).map(async (id) => {
        const receipt = tasks.has(id)
          ? await taskReceipt(admin, id, limits.maxAttempts)
          : await messageReceipt(admin, id);
        if (receipt !== undefined) receipts.set(id, receipt);
      }),
    );
  }
  const letters = new Set<string>();
  for await (const { id } of entriesOf<{ id: string }>(admin, 'deadLetter.list', {}, 'cursor')) letters.add(id);
  const artifacts = new Map<string, readonly KeptArtifact[]>();
  for (const operation of operations) {
    if (operation.op !== 'ask' || operation.what !== 'chunk' || artifacts.has(operation.id)) continue;
    if (receipts.has(operation.id)) artifacts.set(operation.id, await artifactsOf(admin, operation.id));
  }
  return { operations, journal, receipts, told: await toldIn(admin, contexts), letters, artifacts, ...limits };
}

async function artifactsOf(admin: RawConnection, taskId: string): Promise<KeptArtifact[]> {
  const { artifacts = [] } = (await admin.result('task.get', { taskId, include: ['artifacts'] })) as {
    artifacts?: readonly { artifactId: string; version: number; complete: boolean; chunks: number }[];
  };
  return Promise.all(
    artifacts.map(async ({ artifactId, version, complete, chunks }) => {
      const read = async (_: unknown, chunk: number): Promise<string> => {
        const { data } = await admin.result('task.readArtifact', { taskId, artifactId, version, chunk });
        return hash('sha256', String(data));
      };
      return { version, complete, chunks: await Promise.all(Array.from({ length: chunks }, read)) };
    }),
  );
}

interface Told {
  readonly type: string;
  readonly reason?: string;
  readonly ref?: { readonly message?: string; readonly messages?: readonly string[]; readonly task?: string };
}

async function toldIn(admin: RawConnection, contexts: readonly string[]): Promise<Map<string, string[]>> {
  const told = new Map<string, string[]>();
  for (const contextId of contexts) {
    for await (const { type, reason, ref } of entriesOf<Told>(admin, 'context.read', { contextId }, 'cursor')) {
      const ids =
        type === 'messageSent'
          ? [ref?.message, ...(ref?.messages ?? [])]
          : [type === 'task' && reason === 'submitted' ? ref?.task : undefined];
      for (const id of ids) if (id !== undefined) told.set(id, [...(told.get(id) ?? []), contextId]);
    }
  }
  return told;
}

async function journalFacts(admin: RawConnection): Promise<{ journal: JournalFact[]; tasks: Set<string> }> {
  const journal: JournalFact[] = [];
  const tasks = new Set<string>();
  for await (const entry of entriesOf<Entry>(admin, 'journal.read', { actions: ACTIONS }, 'after')) {
    const [kind, id = ''] = entry.resource.split('/');
    if (kind === 'task') tasks.add(id);
    journal.push(factOf(entry, id));
  }
  return { journal, tasks };
}

function factOf({ action, contentHash = '', details }: Entry, id: string): JournalFact {
  const { agent, toAgent, attempts, attempt, inputId = '', as = '' } = details;
  const made = attempts ?? attempt ?? 0;
  switch (action) {
    case 'message.accepted':
      return { fact: 'accepted', id, hash: contentHash, ...(agent === undefined ? {} : { agent }) };
    case 'task.submitted':
      return { fact: 'accepted', id, hash: contentHash, ...(toAgent === undefined ? {} : { agent: toAgent }) };
    case 'task.inputGiven':
      return { fact: 'inputGiven', id, inputId };
    case 'message.redelivered':
    case 'task.redelivered':
      return { fact: 'redelivered', id, as };
    case 'message.discarded':
    case 'task.discarded':
      return { fact: 'discarded', id };
    default:
      return { fact: 'settled', id, outcome: outcomeOf(action, details), attempts: made };
  }
}

function outcomeOf(action: string, { outcome, error, deadLetter }: Entry['details']): Outcome {
  if (outcome !== undefined) return outcome;
  if (action === 'task.completed') return 'handled';
  if (action === 'task.canceled') return 'canceled';
  if (action === 'task.rejected') return 'refused';
  if (deadLetter === true) return 'deadLettered';
  return error === NEVER ? 'failed' : 'expired';
}

async function messageReceipt(admin: RawConnection, messageId: string): Promise<FinalReceipt | undefined> {
  const { result, error } = await admin.call('message.receipt', { messageId });
  if (error?.data?.name === 'not_found') return undefined;
  if (error !== undefined) throw new Error(`message.receipt ${messageId}: ${error.message}`);
  const { outcome, attempts, ...times } = result as {
    outcome?: Outcome;
    attempts: number;
    acceptedAt: string;
    settledAt?: string;
  };
  return {
    attempts,
    last: attempts,
    acceptedAt: Date.parse(times.acceptedAt),
    ...(outcome === undefined ? {} : { outcome }),
    ...(times.settledAt === undefined ? {} : { settledAt: Date.parse(times.settledAt) }),
  };
}

interface TaskView {
  readonly state: string;
  readonly attempt: number;
  readonly epoch: number;
  readonly createdAt: string;
  readonly endedAt?: string;
  readonly retry: { readonly maxAttempts?: number };
  readonly error?: { readonly name: string; readonly retryable?: boolean };
}

async function taskReceipt(admin: RawConnection, taskId: string, most: number): Promise<FinalReceipt | undefined> {
  const { result, error } = await admin.call('task.get', { taskId });
  if (error?.data?.name === 'task_not_found') return undefined;
  if (error !== undefined) throw new Error(`task.get ${taskId}: ${error.message}`);
  const { task } = result as { task: TaskView };
  const outcome = outcomeOfTask(task, most);
  return {
    attempts: task.attempt,
    last: task.epoch,
    acceptedAt: Date.parse(task.createdAt),
    ...(outcome === undefined ? {} : { outcome }),
    ...(task.endedAt === undefined ? {} : { settledAt: Date.parse(task.endedAt) }),
  };
}

function outcomeOfTask({ state, attempt, retry, error }: TaskView, most: number): Outcome | undefined {
  if (state === 'completed') return 'handled';
  if (state === 'canceled') return 'canceled';
  if (state === 'rejected') return 'refused';
  if (state !== 'failed') return undefined;
  if (error?.name === NEVER) return 'failed';
  return error?.retryable !== false && attempt >= (retry.maxAttempts ?? most) ? 'deadLettered' : 'expired';
}
