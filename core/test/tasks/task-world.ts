import { expect } from 'chai';
import type { HandlerParamsOf, taskMethods } from '@ai-orchestrator/protocol';
import type { AccessRules, CoreLimits } from '../../src/index.js';
import { callBy, card, startCore } from '../support/core.js';
import { ManualTime, settled } from '../support/manual-time.js';
import type { MemorySession, ReceivedCall } from '../support/memory-session.js';
import { MemoryStore } from '../support/memory-store.js';

type SubmitParams = HandlerParamsOf<typeof taskMethods.taskSubmit>;

/** What a worker was given, in short. */
export interface Given {
  readonly taskId: string;
  readonly attempt: number;
  readonly epoch: number;
  readonly input: unknown;
  readonly call: ReceivedCall;
}

/** The core with agents that take tasks, and somebody who submits them; what is stored outlives a stop. */
export class TaskWorld {
  readonly time: ManualTime;
  readonly store: MemoryStore;

  private constructor(
    readonly core: Awaited<ReturnType<typeof startCore>>,
    readonly asker: MemorySession,
    time: ManualTime,
    store: MemoryStore,
  ) {
    this.time = time;
    this.store = store;
  }

  static async start(
    options: { limits?: CoreLimits['tasks']; rules?: AccessRules; time?: ManualTime; store?: MemoryStore } = {},
  ): Promise<TaskWorld> {
    const { time = new ManualTime(), store = new MemoryStore(), limits = {}, rules } = options;
    const core = await startCore({ limits: { tasks: limits }, time, store, ...(rules === undefined ? {} : { rules }) });
    return new TaskWorld(core, core.connect('asker'), time, store);
  }

  /** The next run of the daemon on the same store; the earlier one stops in order, or is forgotten without a word. */
  async restart(how: 'stop' | 'kill', limits: CoreLimits['tasks'] = {}): Promise<TaskWorld> {
    if (how === 'stop') await this.core.stop();
    return TaskWorld.start({ time: this.time, store: this.store, limits });
  }

  /** A connection that owns an agent with these skills, and takes tasks for it unless told otherwise. */
  async worker(agentId: string, options: { skills?: string[]; window?: number; opens?: boolean; owner?: string } = {}) {
    const { skills = ['work'], window = 32, opens = true, owner = `owner-of-${agentId}` } = options;
    const session = this.core.connect(owner);
    await this.core.handlers.agentRegister({ agentId, card: card(...skills) }, callBy(session));
    if (opens) await this.core.handlers.taskOpen({ agentId, window }, callBy(session));
    await settled();
    return session;
  }

  /** A context that the asker leads. */
  async context(contextId: string): Promise<void> {
    await this.core.handlers.contextCreate({ contextId }, callBy(this.asker));
  }

  async submit(params: Partial<SubmitParams> & { by?: MemorySession; input?: unknown } = {}) {
    const { by = this.asker, input = 'do it', ...rest } = params;
    const call = callBy(by, 'task.submit', input);
    return this.core.handlers.taskSubmit({ to: { skill: 'work' }, ...rest }, call);
  }

  async get(taskId: string, include: ('input' | 'result' | 'artifacts')[] = []) {
    return this.core.handlers.taskGet({ taskId, include }, callBy(this.asker));
  }

  async state(taskId: string): Promise<string> {
    const { state, attempt } = (await this.get(taskId)).task;
    return `${state} #${String(attempt)}`;
  }

  async complete({ taskId, epoch }: { taskId: string; epoch: number }, by: MemorySession, output: unknown = 'done') {
    return this.core.handlers.taskComplete({ taskId, epoch }, callBy(by, 'task.complete', output));
  }

  /** Lets what is under way come to rest. */
  async rest(): Promise<void> {
    for (let i = 0; i < 8; i++) await settled();
  }

  /** Moves time on in steps of the sweeps. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 250) {
      await this.time.advance(Math.min(250, left));
      await this.rest();
    }
  }
}

/** What a connection was given to do, in order. */
export function givenTo(session: MemorySession): Given[] {
  return session.calls
    .filter(({ method }) => method === 'task.assign')
    .map((call) => {
      const task = call.params.task as { taskId: string; attempt: number; epoch: number };
      const { taskId, attempt, epoch } = task;
      return { taskId, attempt, epoch, input: call.params.input, call };
    });
}

/** The last thing that a connection was given. */
export function lastGiven(session: MemorySession): Given {
  return givenTo(session).at(-1) ?? expect.fail('it was given nothing');
}
