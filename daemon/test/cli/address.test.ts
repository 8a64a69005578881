import { expect } from 'chai';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAddress, rpcUrl } from '../../src/cli/address.js';
import { writeRunFile } from '../../src/run-file.js';

/** A state directory in which daemons seem to run on some data directories. */
async function withDaemons<T>(
  ports: Record<string, number>,
  use: (env: { XDG_STATE_HOME: string }) => Promise<T>,
): Promise<T> {
  const state = await mkdtemp(join(tmpdir(), 'orchestrator-address-'));
  try {
    for (const [directory, port] of Object.entries(ports)) {
      const path = join(state, directory);
      await mkdir(path, { recursive: true });
      await writeRunFile(path, { pid: process.pid, url: `ws://127.0.0.1:${port}/rpc`, version: '1', startedAt: 'now' });
      await writeFile(join(path, 'admin.key'), `orc_${port}\n`, { mode: 0o600 });
    }
    return await use({ XDG_STATE_HOME: state });
  } finally {
    await rm(state, { recursive: true });
  }
}

describe('findAddress', () => {
  it('prefers options to the environment, and that to the daemon of this machine [CLI-16]', async () => {
    await withDaemons({ 'ai-orchestrator': 1, 'ai-orchestrator/dev': 2 }, async (env) => {
      const both = { ...env, ORCHESTRATOR_URL: 'http://b:1', ORCHESTRATOR_TOKEN: 'b' };
      expect([
        await findAddress({ url: 'ws://a/rpc', token: 'a' }, both),
        await findAddress({}, both),
        await findAddress({}, env),
        await findAddress({ token: 'c' }, env),
        await findAddress({ dataDir: join(env.XDG_STATE_HOME, 'ai-orchestrator/dev') }, env),
      ]).to.deep.equal([
        { url: 'ws://a/rpc', token: 'a' },
        { url: 'ws://b:1/rpc', token: 'b' },
        { url: 'ws://127.0.0.1:1/rpc', token: 'orc_1' },
        { url: 'ws://127.0.0.1:1/rpc', token: 'c' },
        { url: 'ws://127.0.0.1:2/rpc', token: 'orc_2' },
      ]);
    });
  });

  it('finds the daemon of "dev" when no other runs [CLI-16]', async () => {
    await withDaemons({ 'ai-orchestrator/dev': 2 }, async (env) => {
      expect(await findAddress({}, env)).to.deep.equal({ url: 'ws://127.0.0.1:2/rpc', token: 'orc_2' });
    });
  });

  it('says which directory this user may not look into, and what helps [CLI-06]', async () => {
    await withDaemons({ 'ai-orchestrator': 1 }, async (env) => {
      const directory = join(env.XDG_STATE_HOME, 'ai-orchestrator');
      await chmod(directory, 0);
      const asRoot = process.getuid?.() === 0;
      if (asRoot) process.seteuid?.(65_534);
      const failure = await findAddress({ dataDir: directory }, env)
        .catch((error: unknown) => error as { exit: string; message: string; hint: string })
        .finally(() => {
          if (asRoot) process.seteuid?.(0);
        });
      expect(failure).to.include({
        exit: 'unreachable',
        message: `No daemon was found (looked in ${directory}); this user may not read ${directory}.`,
      });
      await chmod(directory, 0o700);
    });
  });

  it('says who may read the key when it is not there [CLI-16]', async () => {
    await withDaemons({ 'ai-orchestrator': 1 }, async (env) => {
      await rm(join(env.XDG_STATE_HOME, 'ai-orchestrator', 'admin.key'));
      const failure = await findAddress({}, env).then(
        () => undefined,
        (error: unknown) => error as { exit: string; hint: string },
      );
      expect(failure).to.include({ exit: 'unauthenticated' });
      expect(failure?.hint).to.contain('Run the command as the user of the daemon');
    });
  });
});

describe('rpcUrl', () => {
  it('takes what people write', () => {
    const written = [
      'http://127.0.0.1:7420',
      'https://o.example.org/',
      'ws://[::1]:7420/rpc',
      'wss://o.example.org/x/rpc',
    ];
    expect(written.map(rpcUrl)).to.deep.equal([
      'ws://127.0.0.1:7420/rpc',
      'wss://o.example.org/rpc',
      'ws://[::1]:7420/rpc',
      'wss://o.example.org/x/rpc',
    ]);
  });
});
