import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Starts a program of the examples and waits for its line `... is ready`. */
async function startExample(daemon: TestDaemon, command: string, ...args: string[]): Promise<ChildProcess> {
  const child = spawn(command, args, {
    cwd: `${root}/examples`,
    env: {
      PATH: process.env.PATH ?? '',
      WSCAT: `${root}/node_modules/.bin/wscat`,
      ORCHESTRATOR_URL: daemon.url,
      ORCHESTRATOR_TOKEN: daemon.adminKey,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      written.push(chunk.toString());
      if (written.join('').includes(' is ready\n')) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`${command} ended with ${String(code)}: ${written.join('')}`)));
  });
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Asks whoever has a skill, while some examples run against a daemon of their own. */
async function ask(
  skill: string,
  payload: unknown,
  examples: readonly (readonly [string, ...string[]])[],
): Promise<unknown> {
  const daemon = await startTestDaemon();
  const children: ChildProcess[] = [];
  try {
    for (const [command, ...args] of examples) children.push(await startExample(daemon, command, ...args));
    const client = await connect({ url: daemon.url, token: daemon.adminKey });
    try {
      return await client.request({ skill }, payload);
    } finally {
      await client.close();
    }
  } finally {
    for (const child of children) await stop(child);
    await daemon.stop();
  }
}

describe('examples', () => {
  it('two agents in TypeScript: one answers by way of the other [CLIENT-40]', async () => {
    const examples = [
      [process.execPath, 'dist/echo-agent.js'],
      [process.execPath, 'dist/relay-agent.js'],
    ] as const;
    expect(await ask('shout', 'hello', examples)).to.deep.equal({
      agent: 'relay',
      payload: { shouted: 'HELLO', by: 'echo' },
    });
  });

  it('an agent in Python with nothing but python3-websockets [CLIENT-41]', async () => {
    const answer = await ask('length', 'hello', [['/usr/bin/python3', 'agent.py']]);
    expect(answer).to.deep.equal({ agent: 'python', payload: { length: 5 } });
  });

  it('an agent from the shell with wscat [CLIENT-42]', async () => {
    const { agent, payload } = (await ask('time', null, [['bash', 'agent.sh']])) as {
      agent: string;
      payload: { time: string };
    };
    expect(agent).to.equal('shell');
    expect(payload.time).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });
});
