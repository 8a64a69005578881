import { expect } from 'chai';
import { InMemoryInstruments } from '@ai-orchestrator/core';
import type { InstrumentSnapshot } from '@ai-orchestrator/core/plugin';

function world(seriesPerInstrument = 100) {
  const instruments = new InMemoryInstruments({ seriesPerInstrument });
  const read = (name: string): InstrumentSnapshot | undefined =>
    instruments.snapshot().find((one) => one.name === name);
  return { instruments, read };
}

describe('instruments', () => {
  it('count by label values', () => {
    const { instruments, read } = world();
    const calls = instruments.counter('calls_total', 'Calls.', ['method', 'outcome']);
    const ok = calls.with('ping', 'ok');
    ok.add();
    ok.add(2.5);
    calls.with('ping', 'error').add();
    expect(read('calls_total')).to.deep.equal({
      type: 'counter',
      name: 'calls_total',
      help: 'Calls.',
      labelNames: ['method', 'outcome'],
      samples: [
        { labels: ['ping', 'ok'], value: 3.5 },
        { labels: ['ping', 'error'], value: 1 },
      ],
    });
  });

  it('show a counter without labels from the start', () => {
    const { instruments, read } = world();
    instruments.counter('drops_total', 'Drops.');
    expect(read('drops_total')?.samples).to.deep.equal([{ labels: [], value: 0 }]);
  });

  it('sort observations into buckets with inclusive upper bounds', () => {
    const { instruments, read } = world();
    const seconds = instruments.histogram('wait_seconds', 'Waits.', [0.1, 1]).with();
    for (const value of [0.05, 0.1, 0.5, 1, 7, NaN]) seconds.observe(value);
    expect(read('wait_seconds')?.samples).to.deep.equal([{ labels: [], counts: [2, 2, 1], sum: 8.65 }]);
  });

  it('ask a gauge at each reading, and count one that cannot be read without hiding the others [ACCESS-12]', () => {
    const { instruments, read } = world();
    let queued = 1;
    instruments.gauge('queued', 'Queued.', ['queue'], () => [{ value: queued++, labels: ['in'] }]);
    instruments.gauge('broken', 'Broken.', [], () => {
      throw new Error('no');
    });
    expect([read('queued')?.samples, read('queued')?.samples, read('broken')?.samples]).to.deep.equal([
      [{ labels: ['in'], value: 1 }],
      [{ labels: ['in'], value: 2 }],
      [],
    ]);
    expect(read('orchestrator_gauge_failures_total')?.samples).to.deep.equal([{ labels: ['broken'], value: 4 }]);
  });

  it('keep a bounded number of series and count the rest under "other" [ACCESS-12]', () => {
    const { instruments, read } = world(3);
    const calls = instruments.counter('calls_total', 'Calls.', ['method']);
    for (let i = 0; i < 1000; i++) calls.with(`m${i}`).add();
    instruments.gauge('many', 'Many.', ['n'], () =>
      Array.from({ length: 9 }, (_, i) => ({ value: i, labels: [`${i}`] })),
    );
    expect([read('calls_total')?.samples, read('many')?.samples.length]).to.deep.equal([
      [
        { labels: ['m0'], value: 1 },
        { labels: ['m1'], value: 1 },
        { labels: ['m2'], value: 1 },
        { labels: ['other'], value: 997 },
      ],
      3,
    ]);
  });

  it('answer the same instrument for the same name, and the same child for the same values', () => {
    const { instruments } = world();
    const first = instruments.counter('calls_total', 'Calls.', ['method']).with('ping');
    expect(instruments.counter('calls_total', 'Calls.', ['method']).with('ping')).to.equal(first);
    const wait = instruments.histogram('wait_seconds', 'Waits.', [1]).with();
    expect(instruments.histogram('wait_seconds', 'Waits.', [1]).with()).to.equal(wait);
  });

  it('read a gauge from whoever registered it last, as a plugin that was started anew does', () => {
    const { instruments, read } = world();
    instruments.gauge('queued', 'Queued.', [], () => [{ value: 1 }]);
    instruments.gauge('queued', 'Queued.', [], () => [{ value: 2 }]);
    expect(read('queued')?.samples).to.deep.equal([{ labels: [], value: 2 }]);
    expect(() => instruments.gauge('queued', 'Queued.', ['queue'], () => [])).to.throw(Error, 'asked for with (queue)');
  });

  it('refuse names, labels, buckets and amounts that no exposition could show', () => {
    const { instruments } = world();
    const calls = instruments.counter('calls_total', 'Calls.', ['method']);
    expect(() => instruments.counter('calls-total', '')).to.throw(Error, 'no metric name');
    expect(() => instruments.counter('x_total', '', ['__a'])).to.throw(Error, 'no label name');
    expect(() => instruments.counter('calls_total', '', ['other'])).to.throw(Error, 'has the labels (method)');
    expect(() => calls.with()).to.throw(Error, '0 values given');
    expect(() => instruments.histogram('h', '', [2, 1])).to.throw(Error, 'rise');
    expect(() => instruments.gauge('calls_total', '', [], () => [])).to.throw(Error, 'exists already');
    expect(() => calls.with('ping').add(-1)).to.throw(RangeError, 'only rises');
  });
});
