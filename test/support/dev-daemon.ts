import { spawn, type ChildProcess } from 'node:child_process';
import { BINARY, type CommandResult } from './command-line.js';

/** What `orchestrator dev --json` prints once its agents are ready. */
export interface DevReady {
  readonly url: string;
  readonly dataDirectory: string;
  readonly pid: number;
  readonly agents: readonly string[];
  readonly try: readonly { readonly says: string; readonly line: string }[];
}

/** A running `orchestrator dev`. */
export interface DevDaemon {
  readonly ready: DevReady;
  /** Ends it with a signal, SIGINT unless said, and answers how it ended. */
  stop(signal?: NodeJS.Signals): Promise<CommandResult>;
}

const READY_WITHIN_MS = 60_000;

/**
 * Runs `orchestrator dev` on any free port until its agents are ready.
 *
 * @param env at least a HOME of its own, so that it meets no other
 */
export async function startDev(
  env: Readonly<Record<string, string>>,
  argv: readonly string[] = [],
): Promise<DevDaemon> {
  const child = spawn(process.execPath, [BINARY, 'dev', '--json', '--http-port', '0', ...argv], {
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = { stdout: '', stderr: '' };
  const ended = endOf(child);
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text));
  const ready = await new Promise<DevReady>((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`dev is not ready in time: ${written.stderr}`));
    }, READY_WITHIN_MS);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      written.stdout += text;
      const end = written.stdout.indexOf('\n');
      if (end === -1) return;
      clearTimeout(late);
      resolve(JSON.parse(written.stdout.slice(0, end)) as DevReady);
    });
    void ended.then((code) => {
      clearTimeout(late);
      reject(new Error(`dev ended with ${String(code)}: ${written.stderr}`));
    });
  });
  return {
    ready,
    async stop(signal = 'SIGINT') {
      child.kill(signal);
      return { code: await ended, ...written };
    },
  };
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('close', resolve));
}
