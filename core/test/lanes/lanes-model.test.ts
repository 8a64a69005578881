import { expect } from 'chai';
import fc from 'fast-check';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LaneEntry } from '../../src/lanes/lane-entry.js';
import { settled } from '../support/manual-time.js';
import { LaneWorld } from './lane-world.js';

/** What a test does with a lane; what is not awaited is still on its way when the next begins. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('add' as const), priority: fc.nat({ max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('addAndClaim' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('claim' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('settle' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), which: fc.nat(), delayed: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('refuse' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unwatch' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), turns: fc.nat({ max: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
);

/** What everybody was told of the items: the specification. */
class Told {
  /** Items whose coming was acknowledged, with the attempts that somebody saw. */
  readonly acknowledged = new Map<string, { readonly sequence: number; readonly priority: number }>();
  readonly attempts = new Map<string, number>();
  /** Settled, or perhaps: the power went before the answer. */
  readonly settled = new Set<string>();
  readonly perhaps = new Set<string>();

  /** Somebody got it. */
  got(entry: LaneEntry): void {
    expect(this.settled.has(entry.id), `${entry.id} was settled`).to.equal(false);
    expect(entry.attempt, `attempt of ${entry.id}`).to.be.greaterThan(this.attempts.get(entry.id) ?? 0);
    this.attempts.set(entry.id, entry.attempt);
  }
}

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

async function play(steps: readonly Step[], endsInRestart: boolean): Promise<void> {
  const world = await LaneWorld.start({ loadedItems: 4, delayedItems: 2, items: 20 });
  const told = new Told();
  let run = 0;
  let items = 0;
  const had: LaneEntry[] = [];
  world.lanes.watch('a');
  /** What comes of something unless the power goes before; refusals are no answer. */
  const answered = <T>(promise: Promise<T>, take: (answer: T) => void): void => {
    const then = run;
    promise.then(
      (answer) => {
        if (then === run) take(answer);
      },
      () => undefined,
    );
  };
  const claimed = (entry: LaneEntry | undefined): void => {
    if (entry === undefined) return;
    told.got(entry);
    had.push(entry);
  };
  const added = ({ id, sequence, priority }: LaneEntry): void => {
    told.acknowledged.set(id, { sequence, priority });
  };
  for (const each of steps) {
    switch (each.do) {
      case 'add':
        answered(world.add(`i${String(++items)}`, { priority: each.priority }), added);
        break;
      case 'addAndClaim':
        answered(world.addAndClaim(`i${String(++items)}`), claimed);
        break;
      case 'claim':
        answered(world.claim(), claimed);
        break;
      case 'settle': {
        const [entry] = had.splice(each.which % Math.max(1, had.length), 1);
        if (entry === undefined) break;
        told.perhaps.add(entry.id);
        const settling = world.settle(entry);
        answered(settling, () => void told.settled.add(entry.id));
        // Refused: it is still somebody's.
        answered(
          settling.then(
            () => false,
            () => true,
          ),
          (refused) => {
            if (!refused) return;
            told.perhaps.delete(entry.id);
            had.push(entry);
          },
        );
        break;
      }
      case 'release': {
        const [entry] = had.splice(each.which % Math.max(1, had.length), 1);
        if (entry === undefined) break;
        const releasing = world.release(entry, each.delayed ? world.time.now() + 500 : undefined);
        answered(
          releasing.then(
            () => false,
            () => true,
          ),
          (refused) => {
            if (refused) had.push(entry);
          },
        );
        break;
      }
      case 'refuse':
        world.store.refusals = 1;
        break;
      case 'unwatch':
        world.lanes.unwatch('a');
        await settled();
        world.lanes.watch('a');
        break;
      case 'wait':
        for (let i = 0; i < each.turns; i++) await nextTurn();
        break;
      case 'advance':
        await world.time.advance(300);
        break;
      case 'restart':
        run++;
        had.length = 0;
        await world.restart();
        world.lanes.watch('a');
    }
  }

  world.store.refusals = 0;
  for (let i = 0; i < 4; i++) await settled();
  run++;
  if (endsInRestart) {
    had.length = 0;
    await world.restart();
  }
  const onDisk = (await world.onDisk()).filter((line) => line.startsWith('q/a/'));
  for (let i = 0; i < 4; i++) await world.time.advance(1000);
  world.lanes.watch('a');
  for (let i = 0; i < 4; i++) await settled();
  const left: LaneEntry[] = [];
  for (let idle = 0; idle < 4;) {
    const entry = await world.claim();
    if (entry === undefined) {
      idle++;
      await settled();
    } else {
      idle = 0;
      told.got(entry);
      left.push(entry);
    }
  }
  expect(new Set(left.map(({ id }) => id)).size, 'none twice').to.equal(left.length);
  for (const id of told.acknowledged.keys()) {
    if (told.perhaps.has(id)) continue;
    const there = [...had, ...left].some((entry) => entry.id === id);
    expect(there, `${id} is there`).to.equal(true);
  }
  if (endsInRestart) expect(left.map(({ id }) => id)).to.deep.equal(inTurn(left).map(({ id }) => id));
  await settled();
  const count = onDisk.length;
  expect(left.length + had.length, 'all that is on disk').to.equal(count);
  expect(world.lanes.status('a')).to.deep.equal({ count, bytes: count * 10, claimed: count });
  expect(world.lanes.lane('a').readyCount).to.equal(0);
}

/** The order in which claims go: by priority, each eighth by age. */
function inTurn(entries: readonly LaneEntry[]): LaneEntry[] {
  const waiting = entries.toSorted((a, b) => b.priority - a.priority || a.sequence - b.sequence);
  const order: LaneEntry[] = [];
  while (waiting.length > 0) {
    const oldest = waiting.reduce((a, b) => (a.sequence < b.sequence ? a : b));
    const at = order.length % 8 === 7 ? waiting.indexOf(oldest) : 0;
    order.push(...waiting.splice(at, 1));
  }
  return order;
}

describe('lanes and their model', () => {
  it('lose nothing that was acknowledged, give nothing out twice and keep their order, whenever the power goes [MSG-21]', async function () {
    this.timeout(120_000);
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), fc.boolean(), play), {
      numRuns: process.env.FAULTS === 'full' ? 3000 : 150,
    });
  });
});
