import { expect } from 'chai';
import { Signals } from '../../src/store/signals.js';
import { failure } from '../support/core.js';

describe('signals', () => {
  const never = new AbortController().signal;

  it('wake every reader of a key, and none of another', async () => {
    const signals = new Signals(10);
    const woken: string[] = [];
    const waits = ['a', 'a', 'b'].map((key, i) => signals.wait(key, never).then(() => woken.push(key + String(i))));
    signals.raise('a');
    await Promise.all(waits.slice(0, 2));
    expect({ woken, waiting: signals.waiting }).to.deep.equal({ woken: ['a0', 'a1'], waiting: 1 });
    signals.raise('b');
    await Promise.all(waits);
    expect(signals.waiting).to.equal(0);
  });

  it('are not kept: a reader asks before it reads, and awaits after', async () => {
    const signals = new Signals(10);
    signals.raise('a');
    const asked = signals.wait('a', never);
    expect(signals.waiting).to.equal(1);
    signals.raise('a');
    await asked;
  });

  it('let go of a reader whose signal aborts, before or while it waits', async () => {
    const signals = new Signals(10);
    const controller = new AbortController();
    const waiting = signals.wait('a', controller.signal);
    controller.abort();
    await waiting;
    await signals.wait('a', controller.signal);
    expect(signals.waiting).to.equal(0);
  });

  it('refuse readers past the bound', async () => {
    const signals = new Signals(1);
    const first = signals.wait('a', never);
    expect(await failure(() => signals.wait('b', never))).to.deep.equal({ name: 'too_many_pending', limit: 1 });
    signals.raise('a');
    await first;
  });
});
