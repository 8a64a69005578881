import { expect } from 'chai';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DaemonLog, type DaemonLogOptions } from '../../src/log/daemon-log.js';

type Line = Record<string, unknown>;

async function written(use: (log: DaemonLog) => void, options: Partial<DaemonLogOptions> = {}): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'orchestrator-log-'));
  const path = join(directory, 'log');
  const file = await open(path, 'w');
  try {
    const log = new DaemonLog({ level: 'info', format: 'json', bufferBytes: 1_000_000, fd: file.fd, ...options });
    use(log);
    log.flush();
    return await readFile(path, 'utf8');
  } finally {
    await file.close();
    await rm(directory, { recursive: true });
  }
}

function lines(text: string): Line[] {
  return text
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const record = JSON.parse(line) as Line;
      delete record.time;
      return record;
    });
}

describe('DaemonLog', () => {
  it('does not hold up the end of the process where nothing can be written [DAEMON-10]', async () => {
    const full = await open('/dev/full', 'w');
    const log = new DaemonLog({ level: 'info', format: 'json', bufferBytes: 1_000_000, fd: full.fd });
    log.info({}, 'lost');
    while (log.dropped === 0) await setTimeout(5);
    log.info({}, 'stopped');
    log.flush();
    await full.close();
    expect(log.dropped).to.be.greaterThan(0);
  });

  it('names children after plugins [DAEMON-07]', async () => {
    const text = await written((log) => log.child('metrics').info({ port: 1 }, 'mounted'));
    expect(lines(text)).to.deep.equal([{ level: 'info', logger: 'metrics', port: 1, message: 'mounted' }]);
  });

  it('redacts secrets by name at any depth and keys of ours in any text [DAEMON-08]', async () => {
    const key = `orc_${'a1B2'.repeat(11)}`;
    const text = await written((log) => {
      log.info({ headers: { Authorization: `Bearer ${key}` }, list: [{ dbPassword: 'p' }] }, `login with ${key}`);
      log.child('x').error({ err: new Error(`bad ${key}`) }, 'failed');
    });
    // The flush at the end may overtake a line that is being written: which is which is told by their levels.
    const both = lines(text);
    const [first, second] = ['info', 'error'].map((level) => both.find((line) => line.level === level));
    expect(first).to.deep.equal({
      level: 'info',
      headers: { Authorization: '[redacted]' },
      list: [{ dbPassword: '[redacted]' }],
      message: 'login with orc_[redacted]',
    });
    expect((second?.err as Line).message).to.equal('bad orc_[redacted]');
    expect(text).not.to.include(key);
  });

  it('changes the level while running, of everything or of one logger [DAEMON-09]', async () => {
    const text = await written((log) => {
      const [a, b] = [log.child('a'), log.child('b')];
      log.setLevel('debug', 'a');
      a.debug({}, 'a debug');
      b.debug({}, 'b debug');
      log.setLevel('error');
      a.debug({}, 'a still');
      b.warn({}, 'b warn');
      log.setLevel('trace');
      b.trace({}, 'b trace');
      expect(log.setLevel('info', 'nobody')).to.equal(false);
    });
    // The flush at the end may overtake a write that is on its way, so the order is not promised.
    expect(
      lines(text)
        .map((line) => line.message)
        .toSorted(),
    ).to.deep.equal(['a debug', 'a still', 'b trace']);
  });

  it('drops lines past its bound and counts them, instead of growing [DAEMON-10]', async () => {
    let counted = 0;
    let dropped = 0;
    // Writing is asynchronous, so nothing is written before this turn of the loop ends.
    const text = await written(
      (log) => {
        log.countDropped(() => counted++);
        for (let i = 0; i < 2000; i++) log.info({ text: 'x'.repeat(1000) }, 'a long line');
        dropped = log.dropped;
      },
      { bufferBytes: 65_536 },
    );
    expect({ counted, kept: lines(text).length, some: dropped > 1800 }).to.deep.equal({
      counted: dropped,
      kept: 2000 - dropped,
      some: true,
    });
  });

  it('is one readable line for a person when pretty', async () => {
    const text = await written((log) => log.child('store').warn({ free: 12, why: 'disk' }, 'nearly full'), {
      format: 'pretty',
    });
    expect(text.slice(13)).to.equal('WARN  store: nearly full free=12 why=disk\n');
  });
});
