import { expect } from 'chai';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { orchestrator } from '../support/command-line.js';
import { inTempDirectory } from '../support/temp-home.js';

interface Report {
  readonly healthy: boolean;
  readonly findings: readonly { readonly check: string; readonly verdict: string; readonly advice?: string }[];
}

/** What a doctor without a daemon says of a data directory: its verdicts by check. */
async function examined(directory: string, env: Record<string, string> = {}) {
  const argv = ['doctor', '--data-dir', directory, '--http-port', '0', '--json'];
  const { code, stdout } = await orchestrator(argv, { env });
  const report = JSON.parse(stdout) as Report;
  const verdicts = Object.fromEntries(report.findings.map(({ check, verdict }) => [check, verdict]));
  return { code, report, verdicts };
}

describe('orchestrator doctor, without a daemon', () => {
  it('finds nothing wrong with a data directory that is closed to others [CLI-15]', async () => {
    await inTempDirectory(async (directory) => {
      await writeFile(join(directory, 'admin.key'), 'orc_x\n', { mode: 0o600 });
      const { code, verdicts } = await examined(directory);
      expect({ code, verdicts }).to.deep.equal({
        code: 0,
        verdicts: {
          'Node.js': 'ok',
          configuration: 'ok',
          'data directory': 'ok',
          'admin key': 'ok',
          'disk space': 'ok',
          clock: 'ok',
          daemon: 'ok',
          port: 'ok',
          store: 'ok',
        },
      });
    });
  });

  it('says what to do about each thing that is wrong, and ends with 10 [CLI-15]', async () => {
    await inTempDirectory(async (directory) => {
      await chmod(directory, 0o755);
      await writeFile(join(directory, 'admin.key'), 'orc_x\n', { mode: 0o644 });
      await writeFile(
        join(directory, 'daemon.json'),
        JSON.stringify({ pid: 2 ** 22 + 1, url: 'ws://127.0.0.1:1/rpc', version: '0', startedAt: '' }),
      );
      const { code, report } = await examined(directory);
      const wrong = report.findings.filter(({ verdict }) => verdict !== 'ok');
      expect({ code, wrong: wrong.map(({ check, verdict }) => [check, verdict]) }).to.deep.equal({
        code: 10,
        wrong: [
          ['data directory', 'fail'],
          ['admin key', 'fail'],
          ['daemon', 'warn'],
        ],
      });
      expect(wrong.map(({ advice }) => advice)).to.satisfy((advice: unknown[]) =>
        advice.every((text) => Boolean(text)),
      );
      expect(wrong[0]?.advice).to.equal(`Run: chmod 700 ${directory}`);
    });
  });

  it('says when the port is taken, and which key changes it [CLI-15]', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    try {
      await inTempDirectory(async (directory) => {
        const { code, stdout } = await orchestrator(['doctor', '--data-dir', directory, '--http-port', String(port)]);
        expect(code).to.equal(10);
        expect(stdout).to.contain(`127.0.0.1:${port}: in use`).and.to.contain('--http-port');
      });
    } finally {
      server.close();
    }
  });

  it('names what is wrong in the configuration and goes on [CLI-15]', async () => {
    await inTempDirectory(async (directory) => {
      const { code, verdicts } = await examined(directory, { ORCHESTRATOR_LOG_LEVEL: 'loud' });
      expect({ code, configuration: verdicts.configuration, clock: verdicts.clock }).to.deep.equal({
        code: 10,
        configuration: 'fail',
        clock: 'ok',
      });
    });
  });

  it('says what to run when the store does not open, and repairs nothing unasked [CLI-15]', async () => {
    await inTempDirectory(async (directory) => {
      const store = join(directory, 'store');
      await mkdir(join(store, 'index'), { recursive: true });
      await mkdir(join(store, 'log'));
      await writeFile(join(store, 'store.json'), '{"format":1}');
      await writeFile(join(store, 'index', 'CURRENT'), 'MANIFEST-000009\n');
      const { code, report } = await examined(directory);
      const [finding] = report.findings.filter(({ check }) => check === 'store');
      expect({ code, verdict: finding?.verdict }).to.deep.equal({ code: 10, verdict: 'fail' });
      expect(finding?.advice).to.contain(`orchestrator doctor --repair --data-dir ${directory}`);
    });
  });
});
