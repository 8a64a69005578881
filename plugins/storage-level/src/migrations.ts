import type { CommitResult, Entry, JsonValue, Log, RangeOptions, RangePage } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Admitted } from './admit.js';

const SCHEMA_KEY = '!schema';
const PROGRESS_KEY = '!migration';

/** What a migration reads from. */
export interface MigrationSource {
  get(key: string): Promise<Entry | undefined>;
  range(options: RangeOptions): Promise<RangePage>;
}

/** The changes of one step; `next` is where the step after it goes on, undefined when there is none. */
export interface MigrationStep {
  readonly puts?: readonly { readonly key: string; readonly value: JsonValue }[];
  readonly deletes?: readonly string[];
  readonly next?: JsonValue;
}

/** Brings the entries of one schema version to the next, a step at a time; an interrupted one goes on from its last durable step. */
export interface Migration {
  /** The version that it leads to; 2 is the first. */
  readonly version: number;
  readonly name: string;
  /** @param cursor what the step before gave as `next`; undefined in the first */
  step(source: MigrationSource, cursor: JsonValue | undefined): Promise<MigrationStep>;
}

/** The migrations that this version knows, in order. Entries of version 1 need none. */
export const MIGRATIONS: readonly Migration[] = [];

interface Target extends MigrationSource {
  write(commit: Admitted): Promise<CommitResult>;
}

/** The schema version of what is stored. */
export async function readSchemaVersion(source: MigrationSource): Promise<number> {
  return ((await source.get(SCHEMA_KEY))?.value as number | undefined) ?? 1;
}

/**
 * Runs the migrations that are due. Each step is one commit together with its progress, the last together with the new version, so that
 * the version is true at every moment.
 *
 * @throws OrchestratorError `storage_corruption` when a newer version wrote the data
 */
export async function migrate(
  target: Target,
  migrations: readonly Migration[],
  log: Log,
  atStep: (step: string) => void,
): Promise<void> {
  let version = await readSchemaVersion(target);
  const newest = migrations.at(-1)?.version ?? 1;
  if (version > newest) {
    throw new OrchestratorError(
      'storage_corruption',
      `the data has schema version ${version} and this version knows up to ${newest}; start the newer version, or restore an older snapshot`,
      { reason: 'schema_newer', version, newest },
    );
  }
  for (const migration of migrations.filter((m) => m.version > version)) {
    log.info({ from: version, to: migration.version }, `migrating: ${migration.name}`);
    const progress = (await target.get(PROGRESS_KEY))?.value as { version: number; cursor: JsonValue } | undefined;
    let cursor = progress?.version === migration.version ? progress.cursor : undefined;
    do {
      const step = await migration.step(target, cursor);
      cursor = step.next;
      await target.write(stepCommit(migration, step));
      atStep(`migration.${migration.version}`);
    } while (cursor !== undefined);
    version = migration.version;
  }
}

function stepCommit({ version }: Migration, { puts = [], deletes = [], next }: MigrationStep): Admitted {
  const written = puts.map(({ key, value }) => ({ key, json: JSON.stringify(value) }));
  const progress =
    next === undefined
      ? { key: SCHEMA_KEY, json: JSON.stringify(version) }
      : { key: PROGRESS_KEY, json: JSON.stringify({ version, cursor: next }) };
  return {
    checks: [],
    puts: [...written, progress],
    deletes: next === undefined ? [...deletes, PROGRESS_KEY] : deletes,
    events: [],
    bytes: written.reduce((sum, { key, json }) => sum + key.length + json.length, 0),
  };
}
