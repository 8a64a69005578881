import { expect } from 'chai';
import { oneAfterAnother } from '../src/one-after-another.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('what runs one after another', () => {
  it('runs once more after the running one, however often it was asked meanwhile [DAEMON-19]', async () => {
    const finish: (() => void)[] = [];
    const ask = oneAfterAnother(() => new Promise((resolve) => finish.push(resolve)));
    const begun: number[] = [];
    const look = async () => {
      await turn();
      begun.push(finish.length);
    };
    ask();
    await look();
    for (let i = 0; i < 3; i++) ask();
    await look();
    finish.at(-1)?.();
    await look();
    finish.at(-1)?.();
    await look();
    ask();
    await look();
    expect(begun).to.deep.equal([1, 1, 2, 2, 3]);
  });
});
