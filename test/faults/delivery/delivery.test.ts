import { expect } from 'chai';
import { randomInt } from 'node:crypto';
import { loops } from '../support/loops.js';
import { describeReport, runDelivery, type DeliveryOptions } from './delivery-harness.js';

/** Runs the harness; a failure names the seed and what happened. */
async function holds(options: Omit<DeliveryOptions, 'seed'>): Promise<void> {
  const seed = randomInt(2 ** 32);
  const report = await runDelivery({ seed, ...options });
  expect(report.violations, `seed ${String(seed)}\n${describeReport(report)}\n`).to.deep.equal([]);
  expect(report.counts.accepted, 'items that were accepted').to.be.greaterThan(options.seconds);
}

describe('delivery, while everything is killed, frozen and cut at random', () => {
  it('gives each accepted message and task exactly one outcome, in order, and tells the truth of it [DELIVERY-02]', async function () {
    this.timeout(600_000);
    await holds({ seconds: loops(100, 600) });
  });

  it('does so while the power of the disk is cut [DELIVERY-03]', async function () {
    this.timeout(600_000);
    await holds({ seconds: loops(20, 300), powerCuts: true });
  });
});
