import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { PEERS } from './peers.js';

/** The sets of requirements of the official suite, by revision of the specification. */
export type Requirements = '2025-11-25' | '2026-07-28';

/** Which scenarios of a run passed and which failed, sorted. */
export interface SuiteRun {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** All that the suite printed. */
  readonly output: string;
}

/** Runs one set of requirements against the server at a URL. */
export const againstServer = (url: string, requirements: Requirements): Promise<SuiteRun> =>
  run(['server', '--url', url, '--requirements', requirements]);

/** Runs one set of requirements against a client: a command that the suite gives the URL of a server. */
export const againstClient = (
  command: string,
  requirements: Requirements,
  env: Readonly<Record<string, string>>,
): Promise<SuiteRun> =>
  run(['client', '--command', command, '--requirements', requirements, '--timeout', '180000'], env);

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<SuiteRun> {
  const child = spawn(PEERS.node, [PEERS.suite, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  const summary = output.slice(output.indexOf('SUMMARY ==='));
  const found = [...summary.matchAll(/^([✓✗]) (\S+): \d+ passed, \d+ failed/gm)];
  if (found.length === 0) throw new Error(`the suite told no result:\n${output.slice(-2000)}\n${errors.slice(-2000)}`);
  const those = (mark: string): string[] =>
    found.flatMap(([, was, scenario]) => (was === mark && scenario !== undefined ? [scenario] : [])).sort();
  return { passed: those('✓'), failed: those('✗'), output: `${output}\n${errors}` };
}
