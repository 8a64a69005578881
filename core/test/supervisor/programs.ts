import { readdirSync, readFileSync } from 'node:fs';
import {
  DEFAULT_SUPERVISOR_OPTIONS,
  ProcessSupervisor,
  SystemClock,
  SystemRandom,
  SystemTimers,
} from '../../src/index.js';
import type { Program, ProgramSpec, ProgramState, ProgramView } from '../../src/plugin/index.js';
import { silentLog } from '../../src/plugin-testing/index.js';
import type { SupervisorOptions } from '../../src/supervisor/supervisor-options.js';

/** A supervisor of its own, on the real machine. */
export function supervisor(options: Partial<SupervisorOptions> = {}): ProcessSupervisor {
  const clock = new SystemClock();
  return new ProcessSupervisor(clock, new SystemTimers(), new SystemRandom(clock), silentLog, {
    identity: `test${process.pid}x${Math.random().toString(36).slice(2)}`,
    ...DEFAULT_SUPERVISOR_OPTIONS,
    ...options,
  });
}

/** A shell script as a program. */
export function shell(name: string, script: string, more: Partial<ProgramSpec> = {}): ProgramSpec {
  return {
    name,
    command: '/bin/sh',
    args: ['-c', script],
    stdio: 'lines',
    restart: { intensity: 3, periodMs: 60_000, backoffMs: 5, maxBackoffMs: 20 },
    stopTimeoutMs: 5_000,
    ...more,
  };
}

const DEADLINE_MS = 60_000;

/** Resolves once the condition holds; throws what it waited for when that takes too long. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + DEADLINE_MS; !holds(); await new Promise((resolve) => setTimeout(resolve, 10))) {
    if (Date.now() > end) throw new Error(`it did not come to pass: ${what}`);
  }
}

/** The view of a program once it is in this state. */
export async function reaches(program: Program, state: ProgramState): Promise<ProgramView> {
  await eventually(`${program.view().name} is ${state}`, () => program.view().state === state);
  return program.view();
}

/** Ids of living processes whose command line holds this text, zombies left out. */
export function processesWith(text: string): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    });
}
