import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BINARY = fileURLToPath(new URL('../../../daemon/bin/orchestrator.js', import.meta.url));
const START_MS = 60_000;
const STOP_MS = 40_000;

/** What a daemon of a test is started with. */
export interface TestDaemonOptions {
  /** Written to a file as JSON; the port is any free one unless it says. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Data directory of an earlier daemon; a new one unless said, which `stop` and `kill` then remove. */
  readonly dataDir?: string;
  /** Arguments of node itself, for example `--max-old-space-size=64`. */
  readonly nodeArgs?: readonly string[];
  /** What node is run by, for example `['prlimit', '--nofile=128']`. */
  readonly wrapper?: readonly string[];
  /** Resolve without waiting for it to be ready. */
  readonly starting?: boolean;
  /** How long it may take until it is ready; 60 s unless said. */
  readonly startMs?: number;
}

/** A daemon in a process of its own. */
export interface TestDaemon {
  /** `ws://127.0.0.1:PORT/rpc`. */
  readonly url: string;
  readonly httpUrl: string;
  readonly adminKey: string;
  readonly dataDir: string;
  readonly configFile: string;
  readonly pid: number;
  readonly child: ChildProcess;
  /** Its log so far, parsed; what is not JSON is under `text`. */
  logs(): readonly LogLine[];
  /** Resolves with the first line, past or to come, that fits. */
  logged(fits: (line: LogLine) => boolean, withinMs?: number): Promise<LogLine>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL; keeps the data directory if `keep`. */
  kill(keep?: 'keep'): Promise<void>;
  /** Resolves when it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** One line of a daemon's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly message?: string };

/** Runs the real binary on a free port in a temporary data directory, and waits until it is ready. */
export async function startTestDaemon(options: TestDaemonOptions = {}): Promise<TestDaemon> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-test-'));
  const dataDir = options.dataDir ?? join(folder, 'data');
  const configFile = join(folder, 'config.json');
  const config = options.config ?? {};
  await writeFile(configFile, JSON.stringify({ ...config, http: { port: 0, ...(config.http as object | undefined) } }));
  const command = [
    ...(options.wrapper ?? []),
    process.execPath,
    ...(options.nodeArgs ?? []),
    BINARY,
    'start',
    '--config',
    configFile,
    '--data-dir',
    dataDir,
  ];
  const child = spawn(command[0] ?? '', command.slice(1), {
    env: { PATH: process.env.PATH ?? '', HOME: folder, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  let rest = '';
  const read = (chunk: Buffer): void => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts.filter((part) => part !== '').map(parsed));
    for (const look of waiting) look();
  };
  child.stderr.on('data', read);
  child.stdout.on('data', () => undefined);

  const logged: TestDaemon['logged'] = (fits, withinMs = START_MS) =>
    new Promise((resolve, reject) => {
      const text = () => lines.map((line) => JSON.stringify(line)).join('\n');
      const finish = () => {
        clearTimeout(timer);
        waiting.delete(look);
      };
      const look = (): void => {
        const found = lines.find(fits);
        if (found === undefined) return;
        finish();
        resolve(found);
      };
      const timer = setTimeout(() => {
        finish();
        reject(new Error(`no such line within ${withinMs} ms:\n${text()}`));
      }, withinMs);
      waiting.add(look);
      look();
      void ended.then(() => {
        finish();
        reject(new Error(`the daemon ended:\n${text()}`));
      });
    });
  const remove = async (): Promise<void> => {
    // Data that somebody else brought is not in it.
    await rm(folder, { recursive: true, force: true });
  };
  const started = { dataDir, configFile, pid: child.pid ?? 0, child, ended, logged, logs: () => lines };
  const controls = {
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      const { code } = await ended;
      clearTimeout(timer);
      await remove();
      return code;
    },
    async kill(keep?: 'keep') {
      child.kill('SIGKILL');
      await ended;
      if (keep === undefined || options.dataDir !== undefined) await remove();
    },
  };
  if (options.starting === true) return { ...started, ...controls, url: '', httpUrl: '', adminKey: '' };
  try {
    const ready = await logged((line) => line.message === 'ready' && typeof line.url === 'string', options.startMs);
    const url = String(ready.url);
    const adminKey = (await readFile(join(dataDir, 'admin.key'), 'utf8')).trim();
    return { ...started, ...controls, url, httpUrl: url.replace(/^ws/, 'http').replace(/\/rpc$/, ''), adminKey };
  } catch (error) {
    await controls.kill();
    throw error;
  }
}

function parsed(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { text: line };
  }
}
