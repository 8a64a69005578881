import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { BINARY, run } from '../support/command-line.js';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';
import { documentedPrograms, programsOf } from '../support/docs-code.js';
import { withDocsProject } from '../support/docs-project.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('the code in the documentation', () => {
  it('compiles as strictly as our own [CLIENT-90]', async function () {
    this.timeout(300_000);
    const programs = await documentedPrograms(root);
    await withDocsProject(root, programs, ({ said }) => {
      expect(said).to.equal('');
      return Promise.resolve();
    });
    expect(programs.length).to.be.greaterThan(2);
  });

  it('runs to its end where it is of agents and conversations [CLIENT-95]', async function () {
    this.timeout(300_000);
    const programs = (await documentedPrograms(root)).filter(({ text }) => text.includes('@ai-orchestrator/protocol/'));
    const ended = 'the program has ended';
    const marked = programs.map(({ where, text }) => ({ where, text: `${text}\nconsole.log('${ended}');\n` }));
    const daemon = await startTestDaemon();
    try {
      const failed = await withDocsProject(root, marked, async (project) => {
        const outputs = [];
        for (const { where, file } of project.programs) {
          outputs.push({ where, output: await withAgents(daemon, () => outputOf(file, daemon, ended)) });
        }
        return outputs.filter(({ output }) => !output.endsWith(`${ended}\n`));
      });
      expect(failed).to.deep.equal([]);
      expect(programs.length).to.be.greaterThan(3);
    } finally {
      await daemon.stop();
    }
  });

  it('begins with an agent in ten lines, which answers requests, does tasks and handles messages [CLIENT-96]', async function () {
    this.timeout(300_000);
    const [first] = (await documentedPrograms(root)).filter(({ where }) => where.startsWith('docs/agents.md'));
    const program = first ?? expect.fail('no program');
    // The commands that the page shows beside it.
    const page = await readFile(`${root}/docs/agents.md`, 'utf8');
    const commands = (page.match(/^npx orchestrator (?:request|tasks submit|send) shout .*$/gm) ?? []).map((line) =>
      line.replace('npx orchestrator', BINARY),
    );
    const daemon = await startTestDaemon();
    try {
      const shown = await withDocsProject(root, [program], async ({ programs: [compiled] }) => {
        const child = start(compiled?.file ?? '', daemon);
        try {
          await said(child, 'ready as shout\n');
          const env = { ORCHESTRATOR_URL: daemon.url, ORCHESTRATOR_TOKEN: daemon.adminKey };
          const outputs = [];
          for (const command of commands) outputs.push((await run('bash', ['-c', command], { env })).stdout);
          return outputs;
        } finally {
          child.kill('SIGKILL');
        }
      });
      expect(shown.slice(0, 2)).to.deep.equal(['"HELLO"\n', '"HELLO"\n']);
      expect(shown.slice(2).join('')).to.contain(' handled ');
      expect(program.text.split('\n').filter((line) => line.trim() !== '').length).to.be.at.most(10);
    } finally {
      await daemon.stop();
    }
  });

  it('is read block by block: one that imports nothing goes on with the one before', () => {
    const page = ['```ts', 'import { a } from "b";', '```', 'text', '```sh', 'orc', '```', '```ts', 'a();', '```'];
    expect(programsOf(page.join('\n'), 'a.md')).to.deep.equal([
      { where: 'a.md:2', text: 'import { a } from "b";\n\na();\n' },
    ]);
  });
});

function start(file: string, daemon: TestDaemon): ChildProcess {
  const env = { PATH: process.env.PATH, ORCHESTRATOR_URL: daemon.url, ORCHESTRATOR_TOKEN: daemon.adminKey };
  return spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** All that a program wrote until it wrote this, or ended. */
async function said(child: ChildProcess, text: string): Promise<string> {
  let written = '';
  return new Promise((resolve) => {
    const read = (chunk: Buffer) => {
      written += chunk.toString();
      if (written.endsWith(text)) resolve(written);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('close', () => resolve(written));
  });
}

/** Runs a program until it says that it has ended; its connection would keep it alive. */
async function outputOf(file: string, daemon: TestDaemon, ended: string): Promise<string> {
  const child = start(file, daemon);
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const output = await said(child, `${ended}\n`);
  clearTimeout(timer);
  child.kill('SIGKILL');
  return output;
}

/** Beside agents as `orchestrator dev` has them; a program may take one of them over. */
async function withAgents<T>(daemon: TestDaemon, use: () => Promise<T>): Promise<T> {
  const client = await connect({ url: daemon.url, token: daemon.adminKey });
  try {
    for (const [agentId, skill] of [
      ['echo', 'echo'],
      ['greeter', 'greet'],
    ] as const) {
      const skills = { [skill]: { handler: (payload: unknown) => payload } };
      await client.agent({ agentId, card: { name: agentId, version: '1.0.0' }, skills });
    }
    return await use();
  } finally {
    await client.close();
  }
}
