import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const MOCHA = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
/** A row that is not done by then hangs, and is killed. */
const ROW_MS = 30 * 60_000;

/** One fault row that can be run. */
export interface FaultRow {
  /** As its file begins: `f02-power-cut`. */
  readonly name: string;
  readonly file: string;
}

/** How a row went. */
export interface FaultRun {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
}

/**
 * The rows whose tests are in a folder.
 *
 * @param wanted numbers or names; all when empty
 * @throws Error when one is wanted that is not there
 */
export async function faultRows(folder: string, wanted: readonly string[]): Promise<FaultRow[]> {
  const rows = (await readdir(folder))
    .filter((file) => file.endsWith('.test.js') || file.endsWith('.test.mjs'))
    .sort()
    .map((file) => ({ name: file.replace(/\.test\.m?js$/, ''), file: join(folder, file) }))
    // The harness has a run of its own, and the runner's own test would run itself.
    .filter(({ name }) => /^f\d|^purge-|^queued-/.test(name));
  const isWanted = ({ name }: FaultRow, want: string): boolean => name === want || name.startsWith(`${want}-`);
  const unknown = wanted.filter((want) => !rows.some((row) => isWanted(row, want.toLowerCase())));
  if (unknown.length > 0) throw new Error(`there is no fault row ${unknown.join(', ')} in ${folder}`);
  return wanted.length === 0 ? rows : rows.filter((row) => wanted.some((want) => isWanted(row, want.toLowerCase())));
}

/** Runs rows in their full form, one after another, each in a process of its own whose output is said. */
export async function runFaultRows(rows: readonly FaultRow[], say: (text: string) => void): Promise<FaultRun[]> {
  const runs: FaultRun[] = [];
  for (const row of rows) {
    say(`\n== ${row.name}\n`);
    const started = performance.now();
    const passed = await passes(row.file, say);
    runs.push({ name: row.name, passed, seconds: Math.round((performance.now() - started) / 1000) });
  }
  return runs;
}

/** A line for each run, and one for all. */
export function summary(runs: readonly FaultRun[]): string[] {
  const passed = runs.filter((run) => run.passed).length;
  return [
    ...runs.map((run) => `${run.passed ? 'passed' : 'FAILED'}  ${run.name} (${run.seconds} s)`),
    `${passed} passed, ${runs.length - passed} failed`,
  ];
}

async function passes(file: string, say: (text: string) => void): Promise<boolean> {
  const child = spawn(process.execPath, [MOCHA, '--no-config', '--timeout', '300000', file], {
    env: { ...process.env, FAULTS: 'full' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.setEncoding('utf8').on('data', say);
  child.stderr.setEncoding('utf8').on('data', say);
  const late = setTimeout(() => child.kill('SIGKILL'), ROW_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(late);
  return code === 0;
}
