import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orchestrator } from '../../support/command-line.js';
import { RawConnection } from '../../support/raw-connection.js';
import { PowerCutDisk } from '../support/disks.js';
import { sleep } from '../support/loops.js';
import { Chaos } from './chaos.js';
import { checkEvidence } from './check-evidence.js';
import { collectEvidence, readHistories } from './collect-evidence.js';
import type { Evidence, Kind, Violation } from './evidence.js';
import { Fleet, type HarnessAgent } from './fleet.js';
import { History } from './history.js';
import { HarnessDaemon, LIMITS } from './harness-daemon.js';
import { Operator } from './operator.js';
import { entriesOf } from './pages.js';
import { Seeded, seedFor } from './seeded.js';

const SKILL = 'work';
/** Conversations of all agents. */
const CONTEXTS = ['talk-1', 'talk-2', 'talk-3'];
/** How long everything may take to come to rest once no harm is done any more. */
const REST_MS = 120_000;
/** Everyone has been quiet for so long. */
const QUIET_MS = 2_000;
const LOOK_MS = 300;
const DISK_BYTES = 1024 * 1024 * 1024;
const SHOWN = 20;
/** One agent of so many pulls its messages. */
const PULLS_EVERY = 4;

/** What a run of the harness is. */
export interface DeliveryOptions {
  readonly seed: number;
  /** How long harm is done. */
  readonly seconds: number;
  readonly agents?: number;
  /** Sends of all agents a second, on average. */
  readonly sendsPerSecond?: number;
  /** What is handed over; both unless said. */
  readonly kinds?: readonly Kind[];
  /** On a disk whose power is cut; takes root. */
  readonly powerCuts?: boolean;
}

/** How it went. */
export interface DeliveryReport {
  readonly violations: readonly Violation[];
  /** What happened, counted. */
  readonly counts: Readonly<Record<string, number>>;
  /** What the daemon logged as errors. */
  readonly errors: readonly string[];
  /** Where the histories and the data are, when there are violations. */
  readonly kept?: string;
}

/** Lets agents send and handle while harm is done to everything, lets it all come to rest, and checks what is left. */
export async function runDelivery(options: DeliveryOptions): Promise<DeliveryReport> {
  const folder = await mkdtemp(join(tmpdir(), 'delivery-'));
  const disk = options.powerCuts === true ? await PowerCutDisk.create(DISK_BYTES) : undefined;
  let keep = true;
  try {
    const report = await run(options, folder, disk);
    keep = report.violations.length > 0;
    return keep ? { ...report, kept: folder } : report;
  } finally {
    await disk?.dispose();
    if (!keep) await rm(folder, { recursive: true });
  }
}

/** For people: what happened, and the first violations. */
export function describeReport({ violations, counts, errors, kept }: DeliveryReport): string {
  const lines = Object.entries(counts).map(([what, times]) => `${String(times).padStart(9)}  ${what}`);
  lines.push(`${String(violations.length).padStart(9)}  violations`);
  for (const { rule, what } of violations.slice(0, SHOWN)) lines.push(`VIOLATION  ${rule}: ${what}`);
  for (const error of errors.slice(0, SHOWN)) lines.push(`logged  ${error}`);
  if (kept !== undefined) lines.push(`histories are kept in ${kept}`);
  return lines.join('\n');
}

async function run(options: DeliveryOptions, folder: string, disk?: PowerCutDisk): Promise<DeliveryReport> {
  const { seed, seconds, agents = 20, sendsPerSecond = 100, kinds = ['message', 'task'] } = options;
  const histories = join(folder, 'history');
  await mkdir(histories);
  const dataDir = join(disk?.mount ?? folder, 'data');
  const fleet = new Fleet();
  const daemon = new HarnessDaemon(dataDir, (url) => fleet.agents.forEach(({ proxy }) => proxy.retarget(url)));
  const operations = new History(join(histories, 'operator.jsonl'), 'operator');
  const operator = new Operator(daemon, operations, new Seeded(seedFor(seed, 'operator')));
  await daemon.start();
  try {
    const { url, adminKey } = daemon.now;
    const peers = Array.from({ length: agents }, (_, n) => `agent-${String(n).padStart(2, '0')}`);
    const admin = await RawConnection.open(url, adminKey);
    for (const [n, agentId] of peers.entries()) {
      const made = await admin.result('key.create', { name: agentId, roles: ['agent'] });
      const sendEveryMs = (1000 * agents) / sendsPerSecond;
      const token = String(made.secret);
      const pulls = n % PULLS_EVERY === 0;
      const orders = { agentId, url, token, seed, peers, kinds, contexts: CONTEXTS, skill: SKILL, pulls, sendEveryMs };
      await fleet.add({ ...orders, histories });
    }
    const participants = peers.map((principal) => ({ principal }));
    for (const contextId of CONTEXTS) await admin.result('context.create', { contextId, participants });
    await admin.close();
    for (const agent of fleet.agents) agent.start();
    const chaos = new Chaos(fleet, daemon, new Seeded(seedFor(seed, 'chaos')), disk);
    operator.start();
    await chaos.run(seconds * 1000);
    await operator.stop();
    const violations = await rest(fleet, daemon, kinds);
    const evidence = await collect(daemon, histories);
    await fleet.stop();
    await daemon.stop();
    violations.push(...checkEvidence(evidence), ...(await checkJournal(dataDir)), ...crashes(fleet, daemon));
    const counts = { ...countsOf(evidence), ...Object.fromEntries(chaos.done) };
    return { violations, counts: { ...counts, 'starts of the daemon': daemon.starts }, errors: daemon.errors };
  } finally {
    await operator.end();
    await fleet.stop();
    await daemon.kill();
  }
}

/** Everyone is well and well-behaved from now on, until nothing is left to do. */
async function rest({ agents }: Fleet, daemon: HarnessDaemon, kinds: readonly Kind[]): Promise<Violation[]> {
  for (const agent of agents) {
    agent.start();
    agent.thaw();
    agent.proxy.release();
    agent.rest();
  }
  const until = Date.now() + REST_MS;
  const admin = await RawConnection.open(daemon.now.url, daemon.now.adminKey);
  try {
    let quietSince = Date.now();
    let left = '';
    while (Date.now() < until) {
      await sleep(LOOK_MS);
      const busy = agents.filter(({ quietAt }) => Date.now() - quietAt > QUIET_MS).map(({ agentId }) => agentId);
      if (busy.length === 0 && kinds.includes('message')) busy.push(...(await fullInboxes(admin, agents)));
      if (busy.length === 0 && kinds.includes('task')) busy.push(...(await openTasks(admin)));
      left = busy.join(', ');
      if (left !== '') quietSince = Date.now();
      else if (Date.now() - quietSince > QUIET_MS) return [];
    }
    return [{ rule: 'everything comes to rest', what: left }];
  } finally {
    await admin.close();
  }
}

async function fullInboxes(admin: RawConnection, agents: readonly HarnessAgent[]): Promise<string[]> {
  const full = agents.map(async ({ agentId }) => {
    const { messages } = await admin.result('inbox.get', { agentId });
    return messages === 0 ? [] : [`${agentId} has ${String(messages)} messages`];
  });
  return (await Promise.all(full)).flat();
}

async function openTasks(admin: RawConnection): Promise<string[]> {
  for (const state of ['submitted', 'working', 'input-required']) {
    for await (const { taskId } of entriesOf<{ taskId: string }>(admin, 'task.list', { state }, 'cursor')) {
      return [`task ${taskId} is ${state}`];
    }
  }
  return [];
}

async function collect(daemon: HarnessDaemon, histories: string): Promise<Evidence> {
  const operations = await readHistories(histories);
  const admin = await RawConnection.open(daemon.now.url, daemon.now.adminKey);
  try {
    return await collectEvidence(admin, operations, CONTEXTS, LIMITS);
  } finally {
    await admin.close();
  }
}

async function checkJournal(dataDir: string): Promise<Violation[]> {
  const { code, stdout, stderr } = await orchestrator(['journal', 'verify', dataDir]);
  return code === 0 ? [] : [{ rule: 'the journal verifies', what: `${stdout} ${stderr}`.trim() }];
}

function crashes({ agents }: Fleet, daemon: HarnessDaemon): Violation[] {
  return [
    ...daemon.crashes.map((what) => ({ rule: 'the daemon ends when it is told to', what })),
    ...agents.flatMap((agent) => agent.crashes.map((what) => ({ rule: 'agents of the harness do not crash', what }))),
  ];
}

function countsOf({ operations, receipts, journal, told }: Evidence): Record<string, number> {
  const accepted = journal.filter(({ fact }) => fact === 'accepted').length;
  const counts: Record<string, number> = { accepted, 'accepted in a context': told.size };
  const count = (what: string): void => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  const answered = new Set<string>();
  for (const operation of operations) {
    if (operation.op === 'sent' || operation.op === 'settled') answered.add(operation.call);
    if ('error' in operation) count(`${operation.op} refused: ${operation.error}`);
    if (operation.op === 'delivered') count(operation.attempt === 1 ? 'first attempts' : 'further attempts');
    if (operation.op === 'send') count('sends');
    if (operation.op === 'ask') count(operation.what);
    if (operation.op === 'input') count('inputs that came');
  }
  for (const operation of operations) {
    if (operation.op === 'send' && !answered.has(operation.call)) count('sends without an answer');
  }
  for (const { outcome = 'pending' } of receipts.values()) count(outcome);
  return counts;
}
