import { expect } from 'chai';
import type { Program } from '../../src/plugin/index.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kill } from 'node:process';
import { eventually, processesWith, reaches, shell, supervisor } from './programs.js';

/** A number that no other process has on its command line. */
function tag(): string {
  return `9${Math.floor(Math.random() * 1e8)}.${process.pid}`;
}

describe('ProcessSupervisor', () => {
  it('runs a program without a shell of its own, in a cleaned environment and its working directory [PROGRAM-01]', async () => {
    const programs = supervisor();
    process.env.SECRET_OF_THE_DAEMON = 'x';
    const script = 'env | cut -d= -f1 | sort | tr "\\n" " "; echo; pwd; echo "$1"; exec sleep 1000';
    const program = programs.start({
      ...shell('clean', script, { env: { OWN_KEY: 'y' }, workingDirectory: '/usr' }),
      args: ['-c', script, 'sh', '$HOME; `id` "*'],
    });
    await eventually('three lines', () => program.lines(10).lines.length === 3);
    await programs.stopAll();
    delete process.env.SECRET_OF_THE_DAEMON;
    const [names, directory, argument] = program.lines(10).lines.map(({ line }) => line);
    // Node itself hands its coverage directory to every child, whatever environment it is given.
    const allowed = ['HOME', 'LANG', 'NODE_V8_COVERAGE', 'OLDPWD', 'ORCHESTRATOR_RUN', 'OWN_KEY', 'PATH', 'PWD', 'TZ'];
    expect({
      others: names
        ?.trim()
        .split(' ')
        .filter((name) => !allowed.includes(name)),
      own: names?.includes('OWN_KEY'),
      directory,
      argument,
    }).to.deep.equal({ others: [], own: true, directory: '/usr', argument: '$HOME; `id` "*' });
  });

  it('refuses a command that is no absolute path of an executable file, and a name that is taken [PROGRAM-02]', async () => {
    const programs = supervisor();
    programs.start(shell('taken', 'sleep 1000'));
    const refusals = [
      { ...shell('a', ''), command: 'sleep' },
      { ...shell('b', ''), command: '/no/such/file' },
      { ...shell('c', ''), command: '/tmp' },
      shell('taken', ''),
    ].map((spec) => {
      try {
        programs.start(spec);
        return 'accepted';
      } catch (error) {
        return (error as Error).message;
      }
    });
    await programs.stopAll();
    expect(refusals).to.deep.equal([
      'program "a": command "sleep" is not an absolute path; find it with "command -v"',
      'program "b": "/no/such/file" does not exist or is not executable',
      'program "c": "/tmp" is not a file',
      'program "taken" is there already: program names are unique',
    ]);
  });

  it('starts a program that ends again after a backoff, and gives it up with the end of its stderr [PROGRAM-03]', async () => {
    const programs = supervisor();
    const program = programs.start(shell('crash', 'echo out; echo "no config: $0" >&2; exit 3'));
    const states: string[] = [];
    program.onChange(({ state }) => states.push(state));
    const view = await reaches(program, 'failed');
    await programs.stopAll();
    const round = ['starting', 'running', 'backoff'];
    expect({ view, states }).to.deep.equal({
      view: {
        name: 'crash',
        state: 'failed',
        restarts: 3,
        exit: 'code 3',
        reason:
          'ended 4 times within 60000 ms, last with code 3; fix it and restart it; the end of its stderr:\n' +
          'no config: /bin/sh',
      },
      states: [...round, ...round, ...round, 'starting', 'running', 'failed', 'stopped'],
    });
  });

  it('tells the cause although a stack follows it, and of an earlier run where the last one was silent [PROGRAM-03]', async () => {
    const programs = supervisor();
    const folder = await mkdtemp(join(tmpdir(), 'program-'));
    const script = '[ -e once ] && exit 1; : > once; echo the cause >&2; seq 20 >&2; exit 1';
    const restart = { intensity: 1, periodMs: 1e6, backoffMs: 1, maxBackoffMs: 1 };
    const program = programs.start(shell('stack', script, { workingDirectory: folder, restart }));
    let meanwhile: string | undefined = '';
    program.onChange(({ state, reason }) => {
      if (state === 'backoff') meanwhile = reason;
    });
    const { reason = '' } = await reaches(program, 'failed');
    await programs.stopAll();
    await rm(folder, { recursive: true });
    const stack = Array.from({ length: 20 }, (_, line) => line + 1).join('\n');
    const said = `the end of its stderr:\nthe cause\n${stack}`;
    expect(reason.slice(reason.indexOf('the end'))).to.equal(said);
    expect(meanwhile).to.equal(`code 1\n${said}`);
  });

  it('runs a failed program again when it is restarted, its failures forgotten [PROGRAM-04]', async () => {
    const programs = supervisor();
    const program = programs.start(
      shell('late', 'exit 1', { restart: { intensity: 0, periodMs: 1e6, backoffMs: 1, maxBackoffMs: 1 } }),
    );
    await reaches(program, 'failed');
    await program.restart();
    const state = program.view().state;
    const view = await reaches(program, 'failed');
    await programs.stopAll();
    expect([state, view.reason?.slice(0, 12)]).to.deep.equal(['running', 'ended 1 time']);
  });

  it('sends TERM, then KILL to the whole group, and is done when all of it is gone [PROGRAM-05]', async () => {
    const programs = supervisor();
    const mark = tag();
    const forks = `trap "" TERM; sleep ${mark} & (trap "" TERM; sleep ${mark} & sleep ${mark}) & echo ready; while :; do sleep ${mark}; done`;
    const program = programs.start(shell('stubborn', forks, { stopTimeoutMs: 200 }));
    await eventually(
      'it is ready',
      () => program.lines(1).lines.length === 1 && processesWith(`sleep\0${mark}`).length === 4,
    );
    await program.stop();
    const left = processesWith(mark);
    await programs.stopAll();
    expect({ left, view: program.view() }).to.deep.equal({
      left: [],
      view: { name: 'stubborn', state: 'stopped', restarts: 0, exit: 'signal SIGKILL' },
    });
  });

  it('ends its stdin first where it is told to, and sends TERM after the wait [PROGRAM-15]', async () => {
    const programs = supervisor();
    const piped = (name: string, script: string) =>
      programs.start(shell(name, script, { stdio: 'pipe', closeTimeoutMs: 300 }));
    const reads = 'trap "echo term >&2; exit" TERM; echo ready >&2; while read -r _; do :; done; echo eof >&2';
    const polite = piped('polite', reads);
    const deaf = piped('deaf', `${reads}; while :; do sleep 0.02; done`);
    const flooding = piped('flooding', reads);
    const all = [polite, deaf, flooding];
    const said = (program: Program) =>
      program.lines(100).lines.flatMap(({ line }) => (line === 'Terminated' ? [] : [line]));
    await eventually('all are ready', () => all.every((program) => said(program).includes('ready')));
    await Promise.all([polite.stop(), deaf.stop(), flooding.fail('it floods')]);
    const got = all.map((program) => said(program).slice(1, 3));
    await programs.stopAll();
    expect([got[0], got[1], got[2]?.[0]]).to.deep.equal([['eof'], ['eof', 'term'], 'term']);
  });

  it('also ends what left the group for a session of its own [PROGRAM-05]', async () => {
    const programs = supervisor();
    const mark = tag();
    const program = programs.start(shell('escape', `setsid sleep ${mark} & echo ready; exec sleep 1000`));
    await eventually('it is ready', () => processesWith(mark).length > 0 && program.lines(1).lines.length === 1);
    await program.stop();
    const left = processesWith(mark);
    await programs.stopAll();
    expect(left).to.deep.equal([]);
  });

  it('lets a program that ends in time on TERM say goodbye [PROGRAM-05]', async () => {
    const programs = supervisor();
    const program = programs.start(
      shell('polite', 'trap "echo bye; exit 7" TERM; echo hi; while :; do sleep 0.05; done'),
    );
    await eventually('it says hi', () => program.lines(1).lines.length === 1);
    await programs.stopAll();
    const lines = program
      .lines(10)
      .lines.filter(({ stream }) => stream === 'stdout')
      .map(({ line }) => line);
    expect({ lines, exit: program.view().exit }).to.deep.equal({ lines: ['hi', 'bye'], exit: 'code 7' });
  });

  it('kills what a program leaves behind before it runs again [PROGRAM-06]', async () => {
    const programs = supervisor();
    const mark = tag();
    const program = programs.start(
      shell('litter', `sleep ${mark} & exit 1`, {
        restart: { intensity: 0, periodMs: 1e6, backoffMs: 1, maxBackoffMs: 1 },
      }),
    );
    await reaches(program, 'failed');
    const left = processesWith(mark);
    await programs.stopAll();
    expect(left).to.deep.equal([]);
  });

  it('ends in what was asked for last, whatever was asked for meanwhile [PROGRAM-07]', async () => {
    const programs = supervisor();
    const mark = tag();
    const program = programs.start(shell('raced', `exec sleep ${mark}`));
    await Promise.all([
      program.stop(),
      program.restart(),
      program.stop(),
      program.restart(),
      program.restart(),
      program.stop(),
    ]);
    const stopped = [program.view().state, processesWith(mark).length];
    await Promise.all([program.restart(), program.stop(), program.restart()]);
    await eventually('it runs', () => processesWith(mark).length === 1);
    const running = program.view().state;
    await programs.stopAll();
    expect({ stopped, running, left: processesWith(mark) }).to.deep.equal({
      stopped: ['stopped', 0],
      running: 'running',
      left: [],
    });
  });

  it('stops a program that waits for its next start [PROGRAM-07]', async () => {
    const programs = supervisor();
    const restart = { intensity: 9, periodMs: 1e6, backoffMs: 60_000, maxBackoffMs: 60_000 };
    const program = programs.start(shell('waiting', 'exit 1', { restart }));
    await reaches(program, 'backoff');
    await program.stop();
    const { state } = program.view();
    await programs.stopAll();
    expect(state).to.equal('stopped');
  });

  it('keeps the last lines within bounds of count and bytes, and counts the others [PROGRAM-08]', async () => {
    const programs = supervisor({ linesKept: 5, bytesKept: 1_000 });
    const program = programs.start(
      shell('chatty', 'i=0; while [ $i -lt 20 ]; do i=$((i+1)); echo line $i; done; exec sleep 1000'),
    );
    await eventually('all lines', () => program.lines(5).lines.at(-1)?.line === 'line 20');
    await programs.stopAll();
    const { lines, dropped } = program.lines(2);
    expect({ lines: lines.map(({ stream, line, truncated }) => ({ stream, line, truncated })), dropped }).to.deep.equal(
      {
        lines: [
          { stream: 'stdout', line: 'line 19', truncated: false },
          { stream: 'stdout', line: 'line 20', truncated: false },
        ],
        dropped: 15,
      },
    );
  });

  it('cuts a line of 200 MB and reads on after it, without keeping it [PROGRAM-09]', async () => {
    const programs = supervisor({ bytesPerSecond: 1e9, runawayLineBytes: 1e9 });
    const program = programs.start(
      shell('long', 'head -c 200000000 /dev/zero | tr "\\0" a; echo; echo after; exec sleep 1000'),
    );
    const before = process.memoryUsage().rss;
    await eventually('the line after', () => program.lines(1).lines.at(-1)?.line === 'after');
    const grown = process.memoryUsage().rss - before;
    await programs.stopAll();
    const [long] = program.lines(2).lines;
    expect({ length: long?.line.length, truncated: long?.truncated, grownLittle: grown < 100e6 }).to.deep.equal({
      length: 16 * 1024,
      truncated: true,
      grownLittle: true,
    });
  });

  it('slows a program down that floods, so that memory and the loop stay free [PROGRAM-10]', async () => {
    const programs = supervisor();
    const program = programs.start(shell('flood', 'exec yes'));
    await eventually('it floods', () => program.lines(1).dropped > 5_000);
    const before = { rss: process.memoryUsage().rss, cpu: process.cpuUsage() };
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 10);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    clearInterval(timer);
    const grown = process.memoryUsage().rss - before.rss;
    await program.stop();
    await programs.stopAll();
    expect({ grownLittle: grown < 50e6, loopTurns: turns > 20 }).to.deep.equal({ grownLittle: true, loopTurns: true });
  });

  for (const [does, script, limits, why] of [
    ['floods for too long', 'exec yes', { floodMs: 500 }, 'it printed more than is read for 500 ms (stdout)'],
    [
      'writes a line without an end',
      'exec head -c 200000000 /dev/zero >&2',
      { runawayLineBytes: 1_000_000, bytesPerSecond: 1e9 },
      'it printed a line of more than 1000000 bytes (stderr)',
    ],
  ] as const) {
    it(`kills a program that ${does}, and gives it up when it does so again and again [PROGRAM-14]`, async () => {
      const programs = supervisor(limits);
      const restart = { intensity: 1, periodMs: 60_000, backoffMs: 5, maxBackoffMs: 20 };
      const program = programs.start(shell('runaway', script, { restart }));
      const { exit, reason, restarts } = await reaches(program, 'failed');
      await programs.stopAll();
      expect({ exit, given: reason?.split(';', 1)[0], restarts }).to.deep.equal({
        exit: `a kill: ${why}`,
        given: `ended 2 times within 60000 ms, last with a kill: ${why}`,
        restarts: 1,
      });
    });
  }

  it('hands the streams of a program to its owner where that was asked for [PROGRAM-11]', async () => {
    const programs = supervisor();
    const program = programs.start(shell('echo', 'exec cat', { stdio: 'pipe' }));
    await reaches(program, 'running');
    const said = new Promise((resolve) =>
      program.stdio?.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
    );
    program.stdio?.stdin.write('{"jsonrpc":"2.0"}\n');
    const answer = await said;
    await programs.stopAll();
    expect([answer, program.stdio]).to.deep.equal(['{"jsonrpc":"2.0"}\n', undefined]);
  });

  it('watches its programs with another sentinel when one is killed [PROGRAM-12]', async () => {
    const identity = `sentinel${process.pid}x${Date.now()}`;
    const programs = supervisor({ identity });
    const program = programs.start(shell('watched', 'exec sleep 1000'));
    await reaches(program, 'running');
    const [first] = processesWith(`sentinel\0${identity}`);
    kill(first ?? expect.fail('no sentinel watches'), 'SIGKILL');
    await eventually('another one', () => processesWith(`sentinel\0${identity}`).some((pid) => pid !== first));
    await program.restart();
    const { state } = program.view();
    await programs.stopAll();
    expect({ state, left: processesWith(identity) }).to.deep.equal({ state: 'running', left: [] });
  });
});
