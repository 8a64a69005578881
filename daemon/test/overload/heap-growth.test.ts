import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { HeapGrowthLimits } from '../../src/overload/heap-growth.js';

const run = promisify(execFile);
const CHURN = fileURLToPath(new URL('churn.js', import.meta.url));
const MIB = 1024 * 1024;

/** What became of the heap of a process of its own that makes garbage and starts a thread. */
async function churn(limits?: HeapGrowthLimits): Promise<{ youngBytes: number; fullCollections: number }> {
  const { stdout } = await run(process.execPath, [CHURN, ...(limits === undefined ? [] : [JSON.stringify(limits)])]);
  return JSON.parse(stdout) as { youngBytes: number; fullCollections: number };
}

describe('HeapGrowth', () => {
  it('stops the young generation at its limit, also when a thread is started, where V8 would go further [DAEMON-40]', async () => {
    const bounded = await churn({ youngGenerationBytes: 4 * MIB, heapGrowthPercent: 300 });
    const alone = await churn();
    // The start of a thread may let it double once.
    expect({ bounded: bounded.youngBytes <= 10 * MIB, alone: alone.youngBytes >= 32 * MIB }).to.deep.equal({
      bounded: true,
      alone: true,
    });
  });

  it('collects before the heap has grown by more than its percentage [DAEMON-41]', async () => {
    const tight = await churn({ youngGenerationBytes: 16 * MIB, heapGrowthPercent: 20 });
    const loose = await churn({ youngGenerationBytes: 16 * MIB, heapGrowthPercent: 300 });
    expect(tight.fullCollections).to.be.above(loose.fullCollections);
  });
});
