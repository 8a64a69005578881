import { expect } from 'chai';
import type { Log } from '../../src/host/log.js';
import type { SubscriptionBatch } from '../../src/rpc/session.js';
import { Subscription } from '../../src/rpc/subscription.js';
import { settled } from '../support/manual-time.js';

const unused = (): void => undefined;
const log: Log = {
  trace: unused,
  debug: unused,
  info: unused,
  warn: unused,
  error: unused,
  fatal: unused,
  child: () => log,
};

describe('a subscription', () => {
  it('keeps a batch that comes while its client is behind until the client has caught up [AGENTS-28]', async () => {
    const arrivals: ((batch: SubscriptionBatch) => void)[] = [];
    async function* source(): AsyncGenerator<SubscriptionBatch> {
      for (let i = 0; i < 2; i++) yield await new Promise<SubscriptionBatch>((resolve) => arrivals.push(resolve));
    }
    const sent: string[] = [];
    let behind: Promise<void> | undefined;
    const outlet = {
      events: (_id: string, { cursor }: SubscriptionBatch) => void sent.push(cursor),
      caughtUp: () => behind,
      finish: unused,
    };
    const subscription = new Subscription('s', source, 'c0', 'journal:read', outlet, log);
    const run = subscription.run();
    await settled();
    arrivals[0]?.({ entries: [], cursor: 'c1' });
    await settled();
    // Something else on the connection, a large answer for example, put the client behind.
    let catchUp = unused;
    behind = new Promise((resolve) => (catchUp = resolve));
    arrivals[1]?.({ entries: [], cursor: 'c2' });
    await settled();
    const meanwhile = { sent: [...sent], cursor: subscription.cursor, paused: subscription.paused };
    behind = undefined;
    catchUp();
    await run;
    expect({ meanwhile, sent, paused: subscription.paused }).to.deep.equal({
      meanwhile: { sent: ['c1'], cursor: 'c1', paused: true },
      sent: ['c1', 'c2'],
      paused: false,
    });
  });
});
