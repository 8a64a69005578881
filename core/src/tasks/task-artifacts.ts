import { events, OrchestratorError } from '@ai-orchestrator/protocol';
import type { HandlerParamsOf, ResultOf, taskMethods } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';
import type { Call } from '../rpc/call.js';
import { RelayedJson } from '../rpc/relayed-json.js';
import type { Entry, JsonValue } from '../store/store.js';
import type { HeldTask } from './held-tasks.js';
import type { Task } from './task.js';
import type { TaskAccess } from './task-access.js';
import type { TaskBoard } from './task-board.js';
import { tooMuch } from './task-errors.js';
import { keysEnd, TASK_KEYS } from './task-keys.js';
import type { TaskWork } from './task-work.js';
import type { WaitingTasks } from './waiting-tasks.js';

type AddParams = HandlerParamsOf<typeof taskMethods.taskArtifact>;
type ReadParams = HandlerParamsOf<typeof taskMethods.taskReadArtifact>;
type Added = ResultOf<typeof taskMethods.taskArtifact>;
/** One version of an artifact, without its content. */
export type TaskArtifact = Static<typeof taskMethods.TaskArtifact>;
/** As it is stored. */
interface KeptArtifact extends TaskArtifact {
  /** Under which it was begun; versions of earlier daemons have none. */
  readonly epoch?: number;
}

const QUOTE = 0x22;
/** What a chunk counts at least against the bound, so that the number of chunks is bounded too. */
const CHUNK_BYTES = 1024;

/** What tasks produce while they are worked on: in chunks, each durable when it is answered, in versions of which none changes once complete. */
export class TaskArtifacts {
  constructor(
    private readonly board: TaskBoard,
    private readonly waiting: WaitingTasks,
    private readonly work: TaskWork,
    private readonly access: TaskAccess,
  ) {}

  /** Answers `task.artifact`. A chunk that is there already is not added again. */
  add(params: AddParams, call: Call): Promise<Added> {
    const data = Buffer.from(call.relayed ?? '');
    if (params.encoding !== 'json' && data[0] !== QUOTE) {
      throw invalid('/data', `must be a string for the encoding ${params.encoding}`);
    }
    return this.board.run([params.taskId], async () => {
      const held = await this.work.held(params.taskId, params.epoch, call);
      return this.#add(held, params, data, call);
    });
  }

  /** Answers `task.readArtifact`. */
  async read({ taskId, artifactId, version, chunk }: ReadParams, call: Call): Promise<RelayedJson> {
    await this.access.readable(call.principal, taskId);
    const found =
      version === undefined ? await this.#latest(taskId, artifactId) : await this.#version(taskId, artifactId, version);
    const [entry] =
      found === undefined
        ? []
        : await this.board.store.getTexts([TASK_KEYS.chunk(taskId, artifactId, found.version, chunk)]);
    if (found === undefined || entry === undefined) {
      const which = `artifact ${artifactId}${version === undefined ? '' : ` in version ${String(version)}`}`;
      const what = found === undefined ? `the task has no ${which}` : `${which} has no chunk ${String(chunk)}`;
      throw new OrchestratorError('not_found', what, {
        resource: `task/${taskId}/artifact/${artifactId}`,
        ...(found === undefined ? {} : { version: found.version, chunks: found.chunks }),
      });
    }
    const { encoding, complete, chunks } = found;
    const last = complete && chunk === chunks - 1;
    return new RelayedJson(Buffer.from(entry.text), 'data', { version: found.version, encoding, last });
  }

  /** All versions of all artifacts of a task; their number is bounded. */
  async list(taskId: string): Promise<TaskArtifact[]> {
    const prefix = TASK_KEYS.artifacts(taskId);
    const { entries } = await this.board.store.range({ from: prefix, to: keysEnd(prefix), limit: 1000 });
    return entries.map((entry) => shownOf(artifactIn(entry)));
  }

  async #add(held: HeldTask, params: AddParams, data: Buffer, call: Call): Promise<Added> {
    const { taskId, artifactId, chunk, last, encoding } = params;
    const { task } = held;
    const before = await this.#target(params, task);
    if (before !== undefined && chunk < before.chunks) return addedOf(before);
    if (before?.complete === true) throw closed(before, 'is complete; say the next version to begin anew');
    if (before !== undefined && before.encoding !== encoding) throw closed(before, `is encoded as ${before.encoding}`);
    const chunks = before?.chunks ?? 0;
    if (chunk !== chunks) {
      throw new OrchestratorError('conflict', `chunk ${String(chunks)} of ${artifactId} comes next`, {
        resource: `task/${taskId}/artifact/${artifactId}`,
        expected: chunks,
      });
    }
    const { artifacts, artifactBytes } = this.board.limits;
    const count = (task.artifacts ?? 0) + (before === undefined ? 1 : 0);
    const bytes = (task.artifactBytes ?? 0) + Math.max(data.length, CHUNK_BYTES);
    if (count > artifacts) throw tooMuch('the task has too many artifacts', 'artifacts', artifacts);
    if (bytes > artifactBytes) throw tooMuch('the artifacts of the task are too large', 'artifactBytes', artifactBytes);
    const { name = before?.name, contentType = before?.contentType } = params;
    const after: KeptArtifact = {
      artifactId,
      version: before?.version ?? (await this.#nextVersion(params)),
      ...(name === undefined ? {} : { name }),
      ...(contentType === undefined ? {} : { contentType }),
      encoding,
      chunks: chunks + 1,
      bytes: (before?.bytes ?? 0) + data.length,
      complete: last,
      attempt: task.attempt,
      epoch: before === undefined ? task.epoch : (before.epoch ?? task.epoch),
    };
    const { version } = after;
    const commit = this.board.begin(call.principal.id);
    const change = commit.change(held.stored);
    change.set({ artifacts: count, artifactBytes: bytes });
    change.puts.push(
      { key: TASK_KEYS.version(taskId, artifactId, version), value: after as unknown as JsonValue },
      { key: TASK_KEYS.chunk(taskId, artifactId, version, chunk), text: data.toString() },
    );
    change.event('artifact', { artifactId, version, chunk, last, bytes: data.length });
    if (last) {
      change.record(events.taskArtifactAdded, { artifactId, version, chunks: after.chunks, bytes: after.bytes });
    }
    await this.board.commit(this.waiting, commit);
    return addedOf(after);
  }

  /** The version that a chunk belongs to; `undefined` where it begins one. */
  async #target(
    { taskId, artifactId, version, chunk }: AddParams,
    { attempt, epoch }: Task,
  ): Promise<KeptArtifact | undefined> {
    const latest = await this.#latest(taskId, artifactId);
    if (version === undefined) {
      if (latest === undefined || chunk > 0) return latest;
      // The first chunk of an assignment leaves what an earlier one had, also where the attempt goes on. Within one it may only be a repetition.
      const isRepeated = latest.epoch === undefined ? latest.attempt === attempt : latest.epoch === epoch;
      return isRepeated ? latest : undefined;
    }
    const next = (latest?.version ?? 0) + 1;
    if (version > next || (version === next && chunk > 0)) {
      throw new OrchestratorError('conflict', `version ${String(next)} of ${artifactId} comes next`, {
        resource: `task/${taskId}/artifact/${artifactId}`,
        expected: next,
      });
    }
    return version === latest?.version ? latest : this.#version(taskId, artifactId, version);
  }

  async #nextVersion({ taskId, artifactId }: AddParams): Promise<number> {
    return ((await this.#latest(taskId, artifactId))?.version ?? 0) + 1;
  }

  async #latest(taskId: string, artifactId: string): Promise<KeptArtifact | undefined> {
    const prefix = TASK_KEYS.artifact(taskId, artifactId);
    const { entries } = await this.board.store.range({ from: prefix, to: keysEnd(prefix), limit: 1, reverse: true });
    return entries[0] === undefined ? undefined : artifactIn(entries[0]);
  }

  async #version(taskId: string, artifactId: string, version: number): Promise<KeptArtifact | undefined> {
    const entry = await this.board.store.get(TASK_KEYS.version(taskId, artifactId, version));
    return entry === undefined ? undefined : artifactIn(entry);
  }
}

function artifactIn({ value }: Entry): KeptArtifact {
  return value as unknown as KeptArtifact;
}

function shownOf(kept: KeptArtifact): TaskArtifact {
  const { artifactId, version, name, contentType, encoding, chunks, bytes, complete, attempt } = kept;
  return {
    artifactId,
    version,
    ...(name === undefined ? {} : { name }),
    ...(contentType === undefined ? {} : { contentType }),
    encoding,
    chunks,
    bytes,
    complete,
    attempt,
  };
}

function addedOf({ version, chunks, bytes }: TaskArtifact): Added {
  return { version, chunks, bytes };
}

function closed({ artifactId, version }: TaskArtifact, why: string): OrchestratorError {
  return new OrchestratorError('conflict', `version ${String(version)} of ${artifactId} ${why}`, { version });
}

function invalid(path: string, message: string): OrchestratorError {
  return new OrchestratorError('invalid_params', `${path} ${message}`, { issues: [{ path, message }] });
}
