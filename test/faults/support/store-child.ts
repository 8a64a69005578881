import type { LevelStore } from '@ai-orchestrator/plugin-storage-level';
import { writeSync } from 'node:fs';
import { openStore, RENAME_TASKS } from './open-store.js';
import type { ChildOptions } from './store-process.js';

/** A process that commits until it is killed, and says each commit that was acknowledged on a line of its own. */
const options = JSON.parse(process.argv[2] ?? '{}') as ChildOptions;

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

function nameOf(error: unknown): string {
  return error instanceof Error && 'errorName' in error ? String(error.errorName) : 'unknown';
}

/** Commits beside the purge, so that it is cut off amid them. */
async function purge(opened: LevelStore, text: string): Promise<void> {
  const keys = Array.from({ length: 50 }, (_, n) => `purged/${n}`);
  for (const key of keys) await opened.commit({ puts: [{ key, value: text }] });
  await opened.commit({ deletes: keys });
  await Promise.all([opened.purge(), ...keys.map((_, n) => commitTask(opened, `task/${options.run}-purge-${n}`, 'x'))]);
  say('purged');
}

async function commitTask(opened: LevelStore, key: string, text: string): Promise<void> {
  const result = await opened.commit({
    checks: [{ key, revision: 0 }],
    puts: [{ key, value: { text } }],
    events: [{ action: 'task.submitted', resource: key, principal: 'tester' }],
  });
  if (result.committed) say(`ack ${key} ${result.revision}`);
  else throw new Error(`${key} exists`);
}

let store: LevelStore | undefined;
try {
  const opened = (store = await openStore(options.path, {
    migrations: options.migrate === true ? [RENAME_TASKS] : [],
    atStep(step) {
      say(`step ${step}`);
      // Stands still inside the step, so that the power is cut exactly here.
      if (step === options.stopAt) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    },
  }));
  say(`open ${opened.state} ${opened.revision}`);
  if (options.purged !== undefined) await purge(opened, options.purged);
  const text = 'x'.repeat(options.bytes ?? 1000);
  await Promise.all(
    Array.from({ length: options.producers ?? 16 }, async (_, producer) => {
      for (let n = 0; n < (options.commits ?? Infinity); n++) {
        if (n === options.stopAfter) await new Promise((resolve) => setTimeout(resolve, 60_000));
        await commitTask(opened, `task/${options.run}-${producer}-${n}`, text);
      }
    }),
  );
  await opened.close();
  say('closed');
} catch (error) {
  say(`error ${nameOf(error)} ${String(error)}`);
  process.exitCode = 3;
  await store?.commit({ puts: [{ key: 'again', value: 1 }] }).then(
    () => say('then committed'),
    (again: unknown) => say(`then ${nameOf(again)}`),
  );
}
