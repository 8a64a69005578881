import { expect } from 'chai';
import { SystemRandom } from '../../src/index.js';
import { MessageIds } from '../../src/messages/message-ids.js';
import { ManualTime } from '../support/manual-time.js';

describe('MessageIds', () => {
  it('sorts later ids after earlier ones, also past a counter and when the clock goes back', () => {
    const time = new ManualTime();
    let now = time.now();
    const ids = new MessageIds({ now: () => now, monotonicMs: () => 0 }, new SystemRandom(time));
    const made = Array.from({ length: 10_000 }, (_, i) => {
      if (i === 5_000) now -= 60_000;
      if (i === 7_000) now += 120_000;
      return ids.next();
    });
    expect({ sorted: [...made].sort(), distinct: new Set(made).size }).to.deep.equal({
      sorted: made,
      distinct: 10_000,
    });
  });
});
