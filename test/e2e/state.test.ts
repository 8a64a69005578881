import { connect, Replica, type Client, type State, type Synchronization } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loops, sleep } from '../faults/support/loops.js';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';

const card = { name: 'Keeper', version: '1.0.0', skills: [] };
const FIELDS = ['a', 'b', 'c', 'd'];
const WRITERS = 32;
const REPLICAS = 4;
/** Writes that are answered before each kill. */
const ANSWERED = 40;

/** What was answered, and what was not, of the writes that count a field up. */
class Acknowledged {
  /** By field: each number that a write was answered for, with the revision. */
  readonly numbers = new Map<string, Map<number, number>>();
  readonly unknown = new Map<string, number>();
  readonly doubled: string[] = [];
  count = 0;

  wrote(field: string, n: number, revision: number): void {
    this.count++;
    const numbers = this.numbers.get(field) ?? new Map<number, number>();
    if (numbers.has(n)) this.doubled.push(`${field} ${String(n)}`);
    this.numbers.set(field, numbers.set(n, revision));
  }

  lost(field: string): void {
    this.unknown.set(field, (this.unknown.get(field) ?? 0) + 1);
  }
}

async function open(daemon: TestDaemon): Promise<{ client: Client; state: State }> {
  const client = await connect({ url: daemon.url, token: daemon.adminKey, reconnectAttempts: 0 });
  await client.agent({ agentId: 'keeper', card });
  return { client, state: client.state('keeper') };
}

/** Counts a field up, each step only over what it has read, until the daemon is gone. */
async function countUp(state: State, field: string, acknowledged: Acknowledged): Promise<void> {
  for (;;) {
    let sent = false;
    try {
      const { fields } = await state.get([field]);
      const { value = 0, revision = 0 } = fields[field] ?? {};
      const n = Number(value) + 1;
      sent = true;
      const written = await state.put(field, n, { revision });
      acknowledged.wrote(field, n, written.revision);
    } catch (error) {
      if ((error as { errorName?: string }).errorName === 'conflict') continue;
      if (sent) acknowledged.lost(field);
      return;
    }
  }
}

describe('a daemon that is killed with kill -9 in a storm of writes to a document', () => {
  it('has every write that it answered, at its revision, and counts what replicas wrote once [STATE-41]', async function () {
    this.timeout(300_000);
    const folder = await mkdtemp(join(tmpdir(), 'state-'));
    const dataDir = join(folder, 'data');
    const acknowledged = new Acknowledged();
    const replicas = Array.from({ length: REPLICAS }, () => new Replica());
    const daemons: TestDaemon[] = [];
    const clients: Client[] = [];
    let added = 0;
    const runs = loops(3, 40);
    try {
      for (let run = 0; run < runs; run++) {
        const daemon = await startTestDaemon({ dataDir });
        daemons.push(daemon);
        const { client, state } = await open(daemon);
        clients.push(client);
        if (run === 0) await state.define({ fields: { sum: { rule: 'merge', merge: 'counter' } } });
        const kept: Synchronization[] = replicas.map((replica) => state.synchronize(replica));
        const adding = { over: false };
        const adds = (async () => {
          while (!adding.over) {
            for (const replica of replicas) replica.change('sum', { add: 1 });
            added += REPLICAS;
            await sleep(2);
          }
        })();
        const storm = Array.from({ length: WRITERS }, (_, i) =>
          countUp(state, FIELDS[i % FIELDS.length] ?? '', acknowledged),
        );
        // Killed in the middle of it, however fast the disk is.
        const enough = acknowledged.count + ANSWERED;
        while (acknowledged.count < enough) await sleep(5);
        await sleep(Math.random() * 100);
        await daemon.kill('keep');
        adding.over = true;
        await Promise.all([...storm, adds]);
        for (const one of kept) one.close();
        await client.close();
      }
      const daemon = await startTestDaemon({ dataDir });
      daemons.push(daemon);
      const { client, state } = await open(daemon);
      clients.push(client);
      for (const replica of replicas) {
        const last = state.synchronize(replica);
        await last.settled();
        last.close();
      }
      const { fields, revision } = await state.get();
      const wrong: string[] = [];
      for (const field of FIELDS) {
        const numbers = acknowledged.numbers.get(field) ?? new Map<number, number>();
        const last = Math.max(0, ...numbers.keys());
        const n = Number(fields[field]?.value ?? 0);
        const most = numbers.size + (acknowledged.unknown.get(field) ?? 0);
        if (n < last || n > most)
          wrong.push(`${field} is ${String(n)}, answered up to ${String(last)}, at most ${String(most)}`);
        if (n === last && fields[field]?.revision !== numbers.get(last)) wrong.push(`${field} has another revision`);
        const revisions = [...numbers].sort(([a], [b]) => a - b).map(([, at]) => at);
        if (revisions.some((at, i) => i > 0 && at <= (revisions[i - 1] ?? 0))) wrong.push(`revisions of ${field} fall`);
      }
      const all = FIELDS.flatMap((field) => [...(acknowledged.numbers.get(field)?.values() ?? [])]);
      const history = [];
      for await (const entry of state.history()) if (history.push(entry.revision) === 100) break;
      const verified = await client.call('store.verify', {});
      expect({
        wrong,
        doubled: acknowledged.doubled,
        unique: new Set(all).size === all.length,
        sum: fields.sum?.value,
        history,
        verified: verified.healthy,
      }).to.deep.equal({
        wrong: [],
        doubled: [],
        unique: true,
        sum: added,
        history: Array.from({ length: 100 }, (_, i) => revision - i),
        verified: true,
      });
      await client.close();
      await daemon.stop();
    } finally {
      await Promise.all(clients.map((client) => client.close()));
      await Promise.all(daemons.map((daemon) => daemon.kill('keep')));
      await rm(folder, { recursive: true, force: true });
    }
  });
});
