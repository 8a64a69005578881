import { expect } from 'chai';
import { Cancel, type Cancellation } from '../../src/plugin/index.js';

/** What two listeners hear, one of which leaves before it happens. */
function heard(signal: Cancellation, abort: (reason: string) => void) {
  const told: unknown[] = [];
  const stays = (): void => void told.push(signal.reason);
  const leaves = (): void => void told.push('left');
  signal.addEventListener('abort', stays);
  signal.addEventListener('abort', leaves);
  signal.removeEventListener('abort', leaves);
  const before = signal.aborted;
  abort('first');
  abort('second');
  signal.addEventListener('abort', stays);
  return { told, before, after: signal.aborted, reason: signal.reason };
}

describe('what a call is canceled by', () => {
  it('tells who listens, once, as an AbortSignal does', () => {
    const cancel = new Cancel();
    const controller = new AbortController();
    const expected = { told: ['first'], before: false, after: true, reason: 'first' };
    expect([
      heard(cancel, (reason) => cancel.abort(reason)),
      heard(controller.signal, (reason) => controller.abort(reason)),
    ]).to.deep.equal([expected, expected]);
  });

  it('tells nobody who left meanwhile, and everybody else though one of them fails', () => {
    const cancel = new Cancel();
    const told: string[] = [];
    const leaves = (): void => void told.push('left');
    cancel.addEventListener('abort', () => cancel.removeEventListener('abort', leaves));
    cancel.addEventListener('abort', leaves);
    cancel.addEventListener('abort', () => {
      throw new Error('first');
    });
    cancel.addEventListener('abort', () => {
      throw new Error('second');
    });
    cancel.addEventListener('abort', () => void told.push('last'));
    expect(() => cancel.abort('why')).to.throw('first');
    expect(told).to.deep.equal(['last']);
  });
});
