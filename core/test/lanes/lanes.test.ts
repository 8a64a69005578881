import { expect } from 'chai';
import { failure } from '../support/core.js';
import { settled } from '../support/manual-time.js';
import { LaneWorld } from './lane-world.js';

describe('lanes', () => {
  it('give items out by priority, then in the order of their coming', async () => {
    const world = await LaneWorld.start();
    world.lanes.watch('a');
    for (const [id, priority] of Object.entries({ a: 4, b: 4, c: 9, d: 0, e: 4 })) await world.add(id, { priority });
    expect(await world.claimAll()).to.deep.equal(['c#1', 'a#1', 'b#1', 'e#1', 'd#1']);
  });

  it('let every eighth claim go by age, so that no priority starves', async () => {
    const world = await LaneWorld.start();
    world.lanes.watch('a');
    await world.add('old', { priority: 0 });
    for (let i = 0; i < 9; i++) await world.add(String(i), { priority: 9 });
    expect(await world.claimAll()).to.deep.equal(
      ['0', '1', '2', '3', '4', '5', '6', 'old', '7', '8'].map((id) => `${id}#1`),
    );
  });

  it('read what does not fit into memory when it is its turn, and keep little of it', async () => {
    const world = await LaneWorld.start({ loadedItems: 4 });
    for (let i = 0; i < 40; i++) await world.add(String(i), { priority: i % 2 });
    world.lanes.watch('a');
    await settled();
    expect(world.lanes.lane('a').readyCount).to.be.at.most(8);
    for (let i = 40; i < 60; i++) await world.add(String(i), { priority: 1 });
    expect(world.lanes.lane('a').readyCount).to.be.at.most(8);
    const claimed = (await world.claimAll()).map((text) => Number.parseInt(text));
    expect(claimed.toSorted((a, b) => a - b)).to.deep.equal(Array.from({ length: 60 }, (_, i) => i));
    const odd = claimed.filter((i) => i % 2 === 1 && i < 40);
    expect(odd).to.deep.equal(odd.toSorted((a, b) => a - b));
  });

  it('claim an item in the commit that brings it, when it is its turn', async () => {
    const world = await LaneWorld.start();
    world.lanes.watch('a');
    await settled();
    const commits = world.disk.commits;
    const entry = await world.addAndClaim('x');
    expect([entry?.id, entry?.attempt, world.disk.commits - commits]).to.deep.equal(['x', 1, 1]);
    expect(await world.onDisk()).to.deep.equal([
      'q-heads/a {"next":2,"count":1,"bytes":10}',
      'q/a/5/0000000000000001 {"id":"x","attempt":1,"bytes":10}',
    ]);
  });

  it('claim nothing that was added by a commit still on its way', async () => {
    const world = await LaneWorld.start();
    world.lanes.watch('a');
    await settled();
    const [first, second] = await Promise.all([world.add('x'), world.addAndClaim('y')]);
    expect([first.id, second]).to.deep.equal(['x', undefined]);
    expect(await world.claimAll()).to.deep.equal(['x#1', 'y#1']);
  });

  it('let the next item be taken before anything is written, then settled or put back', async () => {
    const world = await LaneWorld.start();
    world.lanes.watch('a');
    for (const id of ['x', 'y', 'z']) await world.add(id);
    const [first, second] = [world.lanes.takeNext('a'), world.lanes.takeNext('a')];
    if (first === undefined || second === undefined) throw new Error('nothing to take');
    await world.settle(first);
    world.lanes.putBack(second);
    expect([first.id, second.id, await world.claimAll()]).to.deep.equal(['x', 'y', ['y#1', 'z#1']]);
  });

  it('count the attempts of what is released or was claimed when the process died', async () => {
    const world = await LaneWorld.start();
    world.lanes.watch('a');
    await world.add('x');
    const first = await world.claim();
    if (first !== undefined) await world.release(first);
    expect((await world.claim())?.attempt).to.equal(2);
    await world.restart();
    world.lanes.watch('a');
    expect(await world.claimAll()).to.deep.equal(['x#3']);
  });

  it('keep a released item back until its time, also over a restart', async () => {
    const world = await LaneWorld.start();
    world.lanes.watch('a');
    await world.add('x');
    const entry = await world.claim();
    if (entry !== undefined) await world.release(entry, world.time.now() + 1000);
    expect(await world.claimAll()).to.deep.equal([]);
    await world.restart();
    world.lanes.watch('a');
    expect(await world.claimAll()).to.deep.equal([]);
    await world.time.advance(1000);
    expect([world.ready.at(-1), await world.claimAll()]).to.deep.equal(['a', ['x#2']]);
  });

  it('know over a restart with whom an item was lost, and count no claim that was interrupted', async () => {
    const world = await LaneWorld.start();
    world.lanes.watch('a');
    await world.add('lost', { maxAttempts: 2 });
    await world.add('interrupted', { maxAttempts: 1 });
    for (const how of ['lost', 'interrupted'] as const) {
      const entry = (await world.claim()) ?? expect.fail('nothing to claim');
      world.store.refusals = 1;
      expect(await world.release(entry, 5, how).catch(String)).to.match(/is full/);
      expect([entry.suspect, entry.maxAttempts]).to.deep.equal([false, how === 'lost' ? 2 : 1]);
    }
    for (const how of ['lost', 'interrupted'] as const) {
      const entry = [...world.lanes.lane('a').known.values()].find(({ id }) => id === how) ?? expect.fail(how);
      await world.release(entry, world.time.now() + 1, how);
    }
    await world.restart();
    world.lanes.watch('a');
    await world.time.advance(10);
    await settled();
    const claimed = [await world.claim(), await world.claim()];
    expect(claimed.map((entry) => [entry?.id, entry?.suspect, entry?.attempt])).to.deep.equal([
      ['lost', true, 2],
      ['interrupted', false, 2],
    ]);
  });

  it('find delayed items again that memory did not keep', async () => {
    const world = await LaneWorld.start({ delayedItems: 2, loadedItems: 2 });
    world.lanes.watch('a');
    for (let i = 0; i < 7; i++) await world.add(String(i), { notBefore: world.time.now() + 1000 + i });
    expect(await world.claimAll()).to.deep.equal([]);
    expect(world.lanes.lane('a').known.size).to.be.at.most(4);
    await world.time.advance(2000);
    for (let i = 0; i < 7; i++) await world.time.advance(10);
    expect((await world.claimAll()).toSorted()).to.deep.equal(
      ['0', '1', '2', '3', '4', '5', '6'].map((id) => `${id}#1`),
    );
  });

  it('refuse what is past the bound of items or of bytes, and take a first item of any size', async () => {
    const world = await LaneWorld.start({ items: 2, bytes: 100 });
    await world.add('x', { bytes: 500 });
    expect(await failure(() => world.add('y'))).to.deep.include({ name: 'inbox_full', limit: { bytes: 100 } });
    await world.add('x', { lane: 'b' });
    await world.add('y', { lane: 'b' });
    expect(await failure(() => world.add('z', { lane: 'b' }))).to.deep.include({
      name: 'inbox_full',
      limit: { items: 2 },
    });
    await world.restart();
    expect(world.lanes.status('b')).to.deep.equal({ count: 2, bytes: 20, claimed: 0 });
    expect(await failure(() => world.add('z', { lane: 'b' }))).to.deep.include({ name: 'inbox_full' });
  });

  it('tell whose time is over, wherever it waits, and not of what somebody has', async () => {
    const world = await LaneWorld.start();
    const expiresAt = world.time.now() + 5000;
    await world.add('unread', { expiresAt });
    await world.add('had', { lane: 'b', expiresAt });
    world.lanes.watch('b');
    await settled();
    const had = await world.claim('b');
    await world.restart();
    world.lanes.watch('b');
    await settled();
    const again = await world.claim('b');
    await world.add('read', { lane: 'b', expiresAt });
    await world.time.advance(5000);
    expect([had?.id, again?.id, world.over.toSorted()]).to.deep.equal([
      'had',
      'had',
      ['read expired', 'unread expired'],
    ]);
    expect(await world.claimAll()).to.deep.equal([]);
    if (again !== undefined) await world.settle(again);
    expect((await world.onDisk()).filter((line) => !line.startsWith('q-heads/'))).to.deep.equal([]);
  });

  it('tell of an item that was claimed as often as it may be, instead of giving it out', async () => {
    const world = await LaneWorld.start();
    world.lanes.watch('a');
    await world.add('x', { maxAttempts: 1 });
    await world.add('y');
    await world.claim();
    await world.restart();
    world.lanes.watch('a');
    expect([await world.claimAll(), world.over]).to.deep.equal([['y#1'], ['x exhausted']]);
  });

  it('are as before when a commit fails, and their bounds too', async () => {
    const world = await LaneWorld.start();
    world.lanes.watch('a');
    await world.add('x');
    world.store.refusals = 1;
    expect(await failure(() => world.claim())).to.deep.equal({ name: 'storage_full' });
    const entry = await world.claim();
    expect(entry?.attempt).to.equal(1);
    if (entry === undefined) return;
    world.store.refusals = 1;
    const [failed] = await Promise.allSettled([world.settle(entry), world.add('y')]);
    expect([failed.status, world.lanes.status('a')]).to.deep.equal(['rejected', { count: 2, bytes: 20, claimed: 1 }]);
    await settled();
    await world.restart();
    expect(world.lanes.status('a')).to.deep.equal({ count: 2, bytes: 20, claimed: 0 });
    world.lanes.watch('a');
    expect(await world.claimAll()).to.deep.equal(['x#2', 'y#1']);
  });

  it('hand out an item that is taken by its place to nobody, and list what there is by page', async () => {
    const world = await LaneWorld.start({ loadedItems: 2 });
    const entries = [];
    for (let i = 0; i < 5; i++) entries.push(await world.add(String(i), { priority: i === 3 ? 9 : 4 }));
    world.lanes.watch('a');
    await settled();
    await world.claim();
    const place = entries[4]?.place;
    const taken = place === undefined ? undefined : await world.lanes.take(place);
    const again = place === undefined ? undefined : await world.lanes.take(place);
    const first = await world.lanes.list('a', 2);
    const last = first.entries.at(-1);
    const rest = await world.lanes.list('a', 10, last && { lane: 'a', ...last });
    const shown = [...first.entries, ...rest.entries].map(({ id, state }) => `${id} ${state}`);
    expect([taken?.id, again, first.more, rest.more, shown]).to.deep.equal([
      '4',
      undefined,
      true,
      false,
      ['3 claimed', '0 queued', '1 queued', '2 queued', '4 held'],
    ]);
    expect((await world.claimAll()).map((text) => text[0])).to.deep.equal(['0', '1', '2']);
  });

  it('wait for each other never: one that is full or slow holds up no other', async () => {
    const world = await LaneWorld.start({ items: 1 });
    world.lanes.watch('b');
    await world.add('x');
    const results = await Promise.allSettled([world.add('y'), world.add('z', { lane: 'b' })]);
    expect(results.map(({ status }) => status)).to.deep.equal(['rejected', 'fulfilled']);
    expect(await world.claimAll('b')).to.deep.equal(['z#1']);
  });
});
