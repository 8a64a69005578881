import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Runs a program of the examples. */
function spawnExample(daemon: TestDaemon, command: string, args: readonly string[]) {
  return spawn(command, args, {
    cwd: `${root}/examples`,
    env: {
      PATH: process.env.PATH ?? '',
      WSCAT: `${root}/node_modules/.bin/wscat`,
      ORCHESTRATOR_URL: daemon.url,
      ORCHESTRATOR_TOKEN: daemon.adminKey,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Runs one to its end; answers what it wrote. */
async function runExample(daemon: TestDaemon, input: string, ...args: string[]): Promise<string> {
  const child = spawnExample(daemon, process.execPath, args);
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(stderr).to.equal('');
  return stdout;
}

/** Starts one and waits for its line `... is ready`. */
async function startExample(daemon: TestDaemon, command: string, ...args: string[]): Promise<ChildProcess> {
  const child = spawnExample(daemon, command, args);
  child.stdin.end();
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

  it('a worker that does a task with progress and an artifact, and a submitter that follows it [CLIENT-92]', async () => {
    const daemon = await startTestDaemon();
    const worker = await startExample(daemon, process.execPath, 'dist/words-worker.js');
    try {
      const written = await runExample(daemon, 'one two\nthree', 'dist/words-submitter.js');
      // How far it is and what it leaves are told side by side.
      expect(written).to.match(
        /^status submitted\nstatus working\n(?:progress line [12]: [12]\n|artifact\n)+status completed\n2\n1\n\{"lines":2,"words":3\}\n$/,
      );
      expect([written.includes('progress line'), written.includes('artifact\n')]).to.deep.equal([true, true]);
    } finally {
      await stop(worker);
      await daemon.stop();
    }
  });

  it('three agents that converse by turns, and who convenes them [CLIENT-93]', async () => {
    const daemon = await startTestDaemon();
    const agents: ChildProcess[] = [];
    try {
      for (const name of ['ann', 'bob', 'cid']) {
        agents.push(await startExample(daemon, process.execPath, 'dist/counting-agent.js', name));
      }
      expect(await runExample(daemon, '', 'dist/convene.js', '7', 'ann', 'bob', 'cid')).to.equal(
        'admin: 1\nann: 2\nbob: 3\ncid: 4\nadmin: 5\nann: 6\nbob: 7\n',
      );
    } finally {
      await Promise.all(agents.map(stop));
      await daemon.stop();
    }
  });

  it('a durable agent in Python, which does everything once though the daemon is killed with kill -9 [CLIENT-94]', async function () {
    this.timeout(180_000);
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-data-'));
    const dataDir = join(folder, 'data');
    const book = join(folder, 'book.jsonl');
    // A task that was on its way to the agent when the daemon was killed is given again once its lease is over.
    const limits = { tasks: { leaseMs: 5_000 } };
    let daemon = await startTestDaemon({ dataDir, config: { limits } });
    const { port } = new URL(daemon.url);
    const python = await startExample(daemon, '/usr/bin/python3', 'durable_agent.py', book);
    const client = await connect({ url: daemon.url, token: daemon.adminKey, reconnectMaxMs: 200 });
    try {
      const amounts = Array.from({ length: 40 }, (_, i) => i + 1);
      const sent = amounts.map(async (amount, i) => {
        await new Promise((resolve) => setTimeout(resolve, i * 20));
        const { receipt } = await client.send({ agent: 'books' }, { account: 'ada', amount });
        return (await receipt).outcome;
      });
      const started = client.submitTask({ skill: 'balance' }, 'ada');
      await new Promise((resolve) => setTimeout(resolve, 350));
      await daemon.kill('keep');
      daemon = await startTestDaemon({ dataDir, config: { http: { port: Number(port) }, limits } });
      const outcomes = new Set(await Promise.all(sent));
      const output = (await (await started).result) as { account: string };
      const sum = amounts.reduce((a, b) => a + b, 0);
      const after = await (await client.submitTask({ skill: 'balance' }, 'ada')).result;
      const lines = (await readFile(book, 'utf8')).trimEnd().split('\n');
      expect({ outcomes, account: output.account, after, lines: lines.length }).to.deep.equal({
        outcomes: new Set(['handled']),
        account: 'ada',
        after: { account: 'ada', balance: sum },
        lines: amounts.length,
      });
    } finally {
      await client.close();
      await stop(python);
      await daemon.kill('keep');
      await rm(folder, { recursive: true });
    }
  });
});
