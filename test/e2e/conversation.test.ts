import { filesWithText, verifyJournal } from '@ai-orchestrator/plugin-storage-level';
import { connect, type Client } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';

const SCRIPT = fileURLToPath(new URL('../support/talking-agent.js', import.meta.url));
const PATIENCE_MS = 60_000;
const contextId = 'round-table';
const SECRET = 'what-the-table-agreed-on';

interface Said {
  readonly entry: number;
  readonly agent?: string;
  readonly by: string;
  readonly type: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly turn?: { readonly holder?: { readonly agent?: string; readonly principal?: string } };
}

/** An agent in a process of its own. */
class TalkingAgent {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #ended: Promise<void>;
  #told: () => void = () => undefined;

  constructor(options: object) {
    this.#child = spawn(process.execPath, [SCRIPT, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#ended = new Promise((resolve) => this.#child.once('close', () => resolve()));
    if (this.#child.stdout === null) throw new Error('no pipe');
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.#lines.push(line);
      this.#told();
    });
  }

  async said(line: string): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!this.#lines.includes(line)) {
      if (Date.now() > deadline) throw new Error(`no "${line}"`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.#told = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  begin(): void {
    this.#child.stdin?.write('begin\n');
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

async function keyOf(daemon: TestDaemon, name: string, role: 'agent' | 'operator'): Promise<string> {
  const admin = await connect({ url: daemon.url, token: daemon.adminKey });
  const { secret } = await admin.call('key.create', { name, roles: [role] });
  await admin.close();
  return secret;
}

async function transcript(operator: Client): Promise<Said[]> {
  const { entries } = await operator.call('context.read', { contextId, include: 'original', limit: 1000 });
  return entries as Said[];
}

/** Waits until it is the operator's turn, after an entry. */
async function myTurn(operator: Client, after: number): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { turn, last } = await operator.call('context.get', { contextId });
    if (last > after && turn?.holder !== undefined && 'principal' in turn.holder) return;
    if (Date.now() > deadline) throw new Error('the turn did not come round');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a conversation of three agents and an operator', () => {
  it('goes round although one crashes in its turn; is summarized, paged from both ends, exported and erased [CTX-29]', async function () {
    this.timeout(120_000);
    const dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-data-'));
    const daemon = await startTestDaemon({ dataDir });
    const agents: Record<string, TalkingAgent> = {};
    let client: Client | undefined;
    try {
      for (const agentId of ['ann', 'bob', 'cid']) {
        const key = await keyOf(daemon, agentId, 'agent');
        agents[agentId] = new TalkingAgent({ url: daemon.url, key, agentId, contextId, stuck: agentId === 'bob' });
      }
      const all = Object.values(agents);
      await Promise.all(all.map((agent) => agent.said('registered')));
      const operator = (client = await connect({
        url: daemon.url,
        token: await keyOf(daemon, 'operator', 'operator'),
      }));
      const participants = ['ann', 'bob', 'cid'].map((agent) => ({ agent }));
      await operator.call('context.create', { contextId, turns: 'roundRobin', turnMs: 2500, participants });
      for (const agent of all) agent.begin();
      await Promise.all(all.map((agent) => agent.said('watching')));

      const say = async (payload: object) => {
        const { entry } = await operator.call('context.append', { contextId, payload });
        return entry;
      };
      const begun = await say({ says: SECRET });
      await agents.bob?.said('my turn');
      await agents.bob?.kill();
      await myTurn(operator, begun);
      const asked = await say({ ask: 'summarize', of: 'ann' });
      await myTurn(operator, asked);
      const read = await say({ ask: 'read', of: 'cid' });
      await myTurn(operator, read);

      const whole = await transcript(operator);
      const shown = await operator.call('context.read', { contextId });
      const pages = whole.findLast(({ agent }) => agent === 'cid')?.payload;
      const numbers = (shown.entries as Said[]).map(({ entry }) => entry);
      const lines: string[] = [];
      for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
        const params = { contextId, limit: 5, ...(cursor === undefined ? {} : { cursor }) };
        const page = await operator.call('context.export', params);
        lines.push(...page.entries);
        cursor = page.cursor;
      }
      const before = await filesWithText(dataDir, SECRET);
      const { erased } = await operator.call('context.erase', { contextId });
      const after = await filesWithText(dataDir, SECRET);
      await operator.close();
      await daemon.stop();

      const told = whole.map(({ agent, by, type, turn }) => {
        const holder = turn?.holder;
        return `${agent ?? by} ${type}${holder === undefined ? '' : ` -> ${holder.agent ?? holder.principal ?? ''}`}`;
      });
      expect({
        told,
        summaryFirst: numbers[0] === whole.find(({ type }) => type === 'summary')?.entry,
        fromStart: pages?.start,
        fromEnd: pages?.end,
        exported: lines.length,
        erased: erased.entries,
        before: before.length > 0,
        after,
        journal: (await verifyJournal(join(dataDir, 'store'))).valid,
      }).to.deep.equal({
        told: [
          'operator message -> ann',
          'ann message -> bob',
          'daemon turn -> cid',
          'cid message -> operator',
          'operator message -> ann',
          'ann summary',
          'ann message -> bob',
          'daemon turn -> cid',
          'cid message -> operator',
          'operator message -> ann',
          'ann message -> bob',
          'daemon turn -> cid',
          'cid message -> operator',
        ],
        summaryFirst: true,
        fromStart: [6, 5, 7, 8, 9, 10, 11, 12],
        fromEnd: [12, 11, 10, 9, 8, 7, 5, 6],
        exported: 14,
        erased: 13,
        before: true,
        after: [],
        journal: true,
      });
    } finally {
      await client?.close();
      for (const agent of Object.values(agents)) await agent.kill();
      await daemon.kill('keep');
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
