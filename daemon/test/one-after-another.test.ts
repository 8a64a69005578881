import { expect } from 'chai';
import { oneAfterAnother } from '../src/one-after-another.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('what runs one after another', () => {
  it('runs once more after the running one, however often it was asked meanwhile [DAEMON-19]', async () => {
    const finish: (() => void)[] = [];
    const ask = oneAfterAnother(() => new Promise((resolve) => finish.push(resolve)));
    const runs: number[] = [];
    for (const asked of [1, 3, 0, 1]) {
      for (let i = 0; i < asked; i++) ask();
      runs.push(finish.length);
      finish.at(-1)?.();
      await turn();
    }
    expect({ runs, last: finish.length }).to.deep.equal({ runs: [1, 2, 3, 4], last: 4 });
  });
});
