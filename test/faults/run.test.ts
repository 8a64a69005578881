import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../support/command-line.js';
import { faultRows, runFaultRows, summary } from './runner/fault-rows.js';

const RUN = fileURLToPath(new URL('./run.js', import.meta.url));

describe('npm run faults', () => {
  it('runs the rows that it names and sums them up [FAULTS-01]', async function () {
    this.timeout(120_000);
    const { code, stdout } = await run(process.execPath, [RUN, 'F14']);
    expect({ code, last: stdout.trim().split('\n').slice(-2) }).to.deep.equal({
      code: 0,
      last: [/^passed {2}f14-torn-config .*$/m.exec(stdout)?.[0], '1 passed, 0 failed'],
    });
  });

  it('refuses a row that is not there, and names it [FAULTS-01]', async () => {
    const { code, stderr } = await run(process.execPath, [RUN, 'f14', 'f999']);
    expect({ code, named: stderr.startsWith('there is no fault row f999 in ') }).to.deep.equal({
      code: 2,
      named: true,
    });
  });

  it('runs the delivery harness by a seed that it prints [FAULTS-03]', async function () {
    this.timeout(180_000);
    const { code, stdout } = await run(process.execPath, [RUN, 'delivery', '--minutes', '0.1', '--seed', '7']);
    const [first] = stdout.split('\n');
    const violations = /(\d+) {2}violations/.exec(stdout)?.[1];
    expect({ code, first, violations }, stdout).to.deep.equal({
      code: 0,
      first: 'seed 7: 6 s of harm',
      violations: '0',
    });
  });

  it('runs every row in its full form, also after one that fails [FAULTS-02]', async function () {
    this.timeout(180_000);
    const folder = await mkdtemp(join(tmpdir(), 'fault-rows-'));
    try {
      await writeFile(join(folder, 'f01-bad.test.mjs'), "it('fails', () => { throw new Error('it fails'); });");
      const full = "it('full', () => { if (process.env.FAULTS !== 'full') throw new Error('short form'); });";
      await writeFile(join(folder, 'f02-good.test.mjs'), full);
      await writeFile(join(folder, 'other.test.mjs'), "it('is no row', () => { throw new Error('no row'); });");
      const runs = await runFaultRows(await faultRows(folder, []), () => undefined);
      const known = runs.map((each) => ({ ...each, seconds: 0 }));
      expect(summary(known)).to.deep.equal(['FAILED  f01-bad (0 s)', 'passed  f02-good (0 s)', '1 passed, 1 failed']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
