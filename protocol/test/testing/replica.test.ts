import { expect } from 'chai';
import fc from 'fast-check';
import { Replica } from '../../src/client/node.js';
import type { Client, SavedReplica, StateChange, Synchronization, Synchronized } from '../../src/client/node.js';
import { startTestOrchestrator } from '../../src/testing/index.js';
import type { TestOrchestrator } from '../../src/testing/index.js';

const NAMES = ['ann', 'bob', 'cid'];

/** Three principals who share the document of a context, with a field of each rule. */
async function sharedDocument(orchestrator: TestOrchestrator) {
  const clients: Client[] = [];
  for (const principal of NAMES) clients.push(await orchestrator.connect({ principal, role: 'operator' }));
  const [ann] = clients as [Client, ...Client[]];
  const context = await ann.createContext({ participants: NAMES.slice(1).map((principal) => ({ principal })) });
  const { contextId } = context;
  await ann.state(context).define({
    fields: {
      last: { rule: 'last-write' },
      both: { rule: 'keep-both' },
      sure: { rule: 'refuse' },
      map: { rule: 'merge' },
      set: { rule: 'merge', merge: 'set' },
      sum: { rule: 'merge', merge: 'counter' },
    },
  });
  return { clients, of: { contextId } };
}

/** Lets time pass until something has happened. */
async function meanwhile<T>(orchestrator: TestOrchestrator, wanted: Promise<T>): Promise<T> {
  const waiting = { over: false };
  const settled = wanted.finally(() => (waiting.over = true));
  settled.catch(() => undefined);
  while (!waiting.over) {
    await orchestrator.advance(5);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return settled;
}

describe('client.state', () => {
  it('reads, writes, patches and follows a document, over cut connections [CLIENT-66]', async () => {
    const orchestrator = await startTestOrchestrator();
    const { clients, of } = await sharedDocument(orchestrator);
    const [ann, bob] = clients as [Client, Client];
    const seen: StateChange[] = [];
    const coming = await bob.state(of).watch();
    const following = (async () => {
      for await (const change of coming) if (seen.push(change) === 5) return;
    })();
    const state = ann.state(of);
    await state.put('last', 1, { revision: 0 });
    await state.change('sum', { add: 2 });
    orchestrator.cut();
    await meanwhile(orchestrator, state.patch({ mergePatch: { last: 2, map: { a: 1 } } }));
    await state.delete('last');
    await meanwhile(orchestrator, following);
    const history = [];
    for await (const { field } of state.history({ field: 'last' })) history.push(field);
    expect({
      values: await bob.state(of).values(),
      seen: seen.map(({ revision, field }) => [revision, field]),
      history: history.length,
    }).to.deep.equal({
      values: { map: { a: 1 }, sum: 2 },
      seen: [
        [2, 'last'],
        [3, 'sum'],
        [4, 'last'],
        [5, 'map'],
        [6, 'last'],
      ],
      history: 3,
    });
    await orchestrator.stop();
  });

  it('keeps a replica in step both ways, and tells what became of what was written offline [CLIENT-67]', async () => {
    const orchestrator = await startTestOrchestrator();
    const { clients, of } = await sharedDocument(orchestrator);
    const [ann, bob] = clients as [Client, Client];
    const { now } = Date;
    const replica = new Replica(undefined, { now });
    replica.put('sum', 0);
    replica.put('last', 'offline');
    const told: Synchronized[] = [];
    const first = ann.state(of).synchronize(replica, { onSynchronized: (one) => told.push(one) });
    await meanwhile(orchestrator, first.settled());
    await bob.state(of).put('map', { x: 1 });
    await bob.state(of).put('sure', 'b');
    while (replica.get('sure') !== 'b') await meanwhile(orchestrator, Promise.resolve());
    first.close();
    replica.put('map', { y: 2 });
    replica.put('sure', 'a');
    await bob.state(of).change('map', { set: { z: 3 } });
    await bob.state(of).put('sure', 'c', { base: replica.revision });
    const saved = JSON.parse(JSON.stringify(replica.save())) as SavedReplica;
    const local = replica.values();
    const restored = new Replica(saved, { now });
    const second = ann.state(of).synchronize(restored, { onSynchronized: (one) => told.push(one) });
    await meanwhile(orchestrator, second.settled());
    const outcomes = told.flatMap((one) => one.outcomes.map(({ field, outcome, error }) => [field, outcome, error]));
    expect({ local, values: restored.values(), outcomes, pending: restored.pending }).to.deep.equal({
      local: { last: 'offline', map: { y: 2 }, sum: 0, sure: 'a' },
      values: { last: 'offline', map: { y: 2, z: 3 }, sum: 0, sure: 'c' },
      outcomes: [
        ['sum', 'written', undefined],
        ['last', 'written', undefined],
        ['map', 'written', undefined],
        ['map', 'written', undefined],
        ['sure', 'refused', 'conflict'],
      ],
      pending: [],
    });
    second.close();
    await orchestrator.stop();
  });

  it('says why a replica is not kept in step, and keeps what waits [CLIENT-67]', async () => {
    const orchestrator = await startTestOrchestrator();
    const { clients, of } = await sharedDocument(orchestrator);
    const stranger = await orchestrator.connect({ principal: 'stranger' });
    const replica = new Replica(undefined, { maxPending: 1, maxChange: 100 });
    replica.put('last', 1);
    const errors: unknown[] = [];
    for (const write of [
      () => replica.put('last', 2),
      () => new Replica(undefined, { maxChange: 10 }).put('a', 'x'.repeat(10)),
    ]) {
      try {
        write();
      } catch (error) {
        errors.push((error as { errorName: string }).errorName);
      }
    }
    const synchronization: Synchronization = stranger.state(of).synchronize(replica);
    const settled = await meanwhile(
      orchestrator,
      synchronization.settled().catch((error: unknown) => error),
    );
    errors.push((settled as { errorName: string }).errorName, settled === synchronization.error);
    const again = clients[0]?.state(of).synchronize(replica);
    if (again !== undefined) await meanwhile(orchestrator, again.settled());
    expect({ errors, pending: replica.pending }).to.deep.equal({
      errors: ['too_many_pending', 'limit_exceeded', 'not_found', true],
      pending: [],
    });
    await orchestrator.stop();
  });

  it('gives up what no document takes, says so, and goes on with the rest [CLIENT-97]', async () => {
    const orchestrator = await startTestOrchestrator();
    const { clients, of } = await sharedDocument(orchestrator);
    const [ann] = clients as [Client];
    const replica = new Replica();
    let deep: unknown = 1;
    for (let i = 0; i < 80; i++) deep = [deep];
    const told: Synchronized[] = [];
    const synchronization = ann.state(of).synchronize(replica, { onSynchronized: (one) => told.push(one) });
    await meanwhile(orchestrator, synchronization.settled());
    expect(() => replica.put('last', undefined)).to.throw('no value that JSON can hold');
    replica.put('last', 'before');
    replica.put('no name/', 1);
    replica.put('last', deep);
    replica.change('sum', { add: 0.5 });
    replica.put('last', JSON.parse('{"__proto__": 1}'));
    replica.put('both', 'after');
    await meanwhile(orchestrator, synchronization.settled());
    const outcomes = told.flatMap((one) => one.outcomes.map(({ field, outcome }) => `${field} ${outcome}`));
    expect([outcomes, replica.values(), replica.pending, synchronization.error]).to.deep.equal([
      ['last written', 'no name/ refused', 'last refused', 'sum refused', 'last refused', 'both written'],
      { last: 'before', both: 'after' },
      [],
      undefined,
    ]);
    expect(new Replica(replica.save()).values()).to.deep.equal(await ann.state(of).values());
    synchronization.close();
    await orchestrator.stop();
  });

  it('deletes a map by a replica with the keys that it knows [CLIENT-98]', async () => {
    const orchestrator = await startTestOrchestrator();
    const { clients, of } = await sharedDocument(orchestrator);
    const [ann, bob] = clients as [Client, Client];
    const replica = new Replica();
    const synchronization = ann.state(of).synchronize(replica);
    await ann.state(of).put('map', { x: 1, y: 2 });
    await meanwhile(orchestrator, synchronization.settled());
    replica.delete('map');
    await meanwhile(orchestrator, synchronization.settled());
    const gone = [replica.values(), await bob.state(of).values()];
    replica.put('map', { x: 3 });
    await meanwhile(orchestrator, synchronization.settled());
    synchronization.close();
    replica.delete('map');
    await bob.state(of).change('map', { set: { z: 4 } });
    const again = ann.state(of).synchronize(replica);
    await meanwhile(orchestrator, again.settled());
    expect([gone, replica.values()]).to.deep.equal([[{}, {}], { map: { z: 4 } }]);
    again.close();
    await orchestrator.stop();
  });

  it('keeps to what it wrote before it knew that a field is merged key by key [CLIENT-99]', async () => {
    const orchestrator = await startTestOrchestrator();
    const { clients, of } = await sharedDocument(orchestrator);
    const [ann, bob] = clients as [Client, Client];
    const synchronized = async (replica: Replica) => {
      const synchronization = ann.state(of).synchronize(replica);
      await meanwhile(orchestrator, synchronization.settled());
      synchronization.close();
      return [replica.get('map'), replica.get('plain'), replica.get('sum')];
    };
    await bob.state(of).put('map', { others: 1 });
    const replica = new Replica();
    for (const value of [{ a: 1, b: 2 }, { b: 3 }]) replica.put('map', value);
    const first = await synchronized(new Replica(replica.save()));
    const deleting = new Replica();
    deleting.put('map', { c: 1 });
    deleting.delete('map');
    deleting.change('sum', { add: 300 });
    const deleted = await synchronized(deleting);

    deleting.put('plain', { kept: 1, gone: 2 });
    await synchronized(deleting);
    await ann.state(of).define({ fields: { plain: { rule: 'merge', merge: 'map' } } });
    await bob.state(of).change('plain', { set: { bobs: 1 } });
    for (let i = 0; i < 300; i++) deleting.change('sum', { add: 1 });
    deleting.put('plain', { kept: 1 });
    const converted = await synchronized(deleting);
    const all = await bob.state(of).values();
    expect({ first, deleted, converted, all }).to.deep.equal({
      first: [{ others: 1, b: 3 }, undefined, undefined],
      deleted: [{ others: 1, b: 3 }, undefined, 300],
      converted: [{ others: 1, b: 3 }, { kept: 1, bobs: 1 }, 600],
      all: { map: { others: 1, b: 3 }, plain: { kept: 1, bobs: 1 }, sum: 600 },
    });
    await orchestrator.stop();
  });

  it('counts a change once at whatever moment the connection is cut [STATE-38]', async () => {
    const orchestrator = await startTestOrchestrator();
    const { clients, of } = await sharedDocument(orchestrator);
    const state = (clients[0] as Client).state(of);
    const replica = new Replica();
    const synchronization = state.synchronize(replica);
    await meanwhile(orchestrator, synchronization.settled());
    let unanswered = 0;
    for (let turns = 0; turns < 10; turns++) {
      replica.change('sum', { add: 1 });
      for (let turn = 0; turn < turns; turn++) await new Promise((next) => setImmediate(next));
      unanswered += replica.pending.length;
      orchestrator.cut();
      await meanwhile(orchestrator, synchronization.settled());
    }
    const asked = [];
    for await (const { operation } of state.history({ field: 'sum' })) asked.push(operation);
    synchronization.close();
    await orchestrator.stop();
    expect({ sum: replica.get('sum'), asked, cutBefore: unanswered > 1 }).to.deep.equal({
      sum: 10,
      asked: Array.from({ length: 10 }, () => ({ add: 1 })),
      cutBefore: true,
    });
  });

  it('brings replicas together after any partitions, cuts and restarts, and counts every change once [STATE-01]', async function () {
    this.timeout(120_000);
    const who = fc.nat({ max: NAMES.length - 1 });
    const small = fc.nat({ max: 3 });
    const step = fc.oneof(
      {
        weight: 10,
        arbitrary: fc.record({ do: fc.constant('write' as const), who, what: fc.nat({ max: 8 }), n: small }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ do: fc.constantFrom('leave' as const, 'join' as const, 'save' as const), who }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constantFrom('cut' as const, 'pass' as const, 'restart' as const),
          // Turns of the loop before it, so that it comes between the commit and its answer too.
          turns: fc.nat({ max: 6 }),
        }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        const orchestrator = await startTestOrchestrator({ limits: { state: { syncChanges: 3 } } });
        const { clients, of } = await sharedDocument(orchestrator);
        const replicas = NAMES.map(() => new Replica());
        const kept: (Synchronization | undefined)[] = NAMES.map(() => undefined);
        const refused: string[] = [];
        let added = 0;
        const join = (i: number): void => {
          const replica = replicas[i];
          if (kept[i] !== undefined || replica === undefined) return;
          kept[i] = clients[i]?.state(of).synchronize(replica, {
            onSynchronized: ({ outcomes }) => {
              for (const { outcome, field } of outcomes)
                if (outcome === 'refused' || outcome === 'known') refused.push(field);
            },
          });
        };
        const leave = (i: number): void => {
          kept[i]?.close();
          kept[i] = undefined;
        };
        const write = (replica: Replica, what: number, n: number): void => {
          const writes = [
            () => replica.put('last', n),
            () => replica.put('both', n),
            () => replica.put('sure', n),
            () => replica.put('map', { [`k${String(n)}`]: what }),
            () => replica.change('map', { unset: [`k${String(n)}`] }),
            () => replica.change('set', { insert: [n] }),
            () => replica.change('set', { remove: [n] }),
            () => replica.delete('last'),
            () => {
              replica.change('sum', { add: n });
              added += n;
            },
          ];
          writes[what]?.();
        };
        NAMES.forEach((_, i) => join(i));
        await meanwhile(orchestrator, Promise.all(kept.map(async (one) => one?.settled())));
        for (const one of steps) {
          for (let turn = 0; 'turns' in one && turn < one.turns; turn++)
            await new Promise((next) => setImmediate(next));
          switch (one.do) {
            case 'cut':
              orchestrator.cut();
              break;
            case 'restart':
              await orchestrator.restart();
              break;
            case 'pass':
              await orchestrator.advance(30);
              break;
            case 'join':
              join(one.who);
              break;
            case 'leave':
              leave(one.who);
              break;
            case 'save': {
              leave(one.who);
              const saved = JSON.parse(JSON.stringify(replicas[one.who]?.save())) as SavedReplica;
              replicas[one.who] = new Replica(saved);
              break;
            }
            case 'write': {
              const replica = replicas[one.who];
              if (replica !== undefined) write(replica, one.what, one.n);
            }
          }
        }
        NAMES.forEach((_, i) => join(i));
        // Once for what each brings, and once for what the others brought.
        for (let round = 0; round < 2; round++) {
          await meanwhile(orchestrator, Promise.all(kept.map(async (one) => one?.settled())));
        }
        const document = await clients[0]?.state(of).get();
        const values = await clients[0]?.state(of).values();
        const seen = replicas.map((replica) => [replica.revision, replica.pending.length, replica.values()]);
        NAMES.forEach((_, i) => leave(i));
        await orchestrator.stop();
        expect(seen).to.deep.equal(NAMES.map(() => [document?.revision, 0, values]));
        expect({ sum: values?.sum ?? 0, refused: new Set(refused) }).to.deep.equal({
          sum: added,
          refused: new Set(refused.filter((field) => field === 'sure')),
        });
      }),
      { numRuns: 40 },
    );
  });
});
