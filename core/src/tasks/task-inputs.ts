import { events, OrchestratorError } from '@ai-orchestrator/protocol';
import type { HandlerParamsOf, taskMethods } from '@ai-orchestrator/protocol';
import { hash } from 'node:crypto';
import type { SkillSchemas } from '../agents/skill-schemas.js';
import type { Random } from '../host/time.js';
import type { Call } from '../rpc/call.js';
import { RelayedJson } from '../rpc/relayed-json.js';
import type { Effects } from '../store/effects.js';
import type { HeldTask } from './held-tasks.js';
import type { TaskState } from './life-cycle.js';
import { statusOf } from './task.js';
import type { InputRequest, TaskStatus } from './task.js';
import type { TaskAccess } from './task-access.js';
import type { TaskBoard } from './task-board.js';
import type { TaskChange } from './task-change.js';
import { tooMuch } from './task-errors.js';
import { TASK_KEYS } from './task-keys.js';
import type { TaskWork } from './task-work.js';
import type { WaitingTasks } from './waiting-tasks.js';

type NeedParams = HandlerParamsOf<typeof taskMethods.taskNeedInput>;
type RespondParams = HandlerParamsOf<typeof taskMethods.taskRespond>;

/** Answers that one attempt may have got. */
const ANSWERS = 64;

/** What a worker asks of those who want the task done, and their answers. */
export class TaskInputs {
  constructor(
    private readonly board: TaskBoard,
    private readonly waiting: WaitingTasks,
    private readonly work: TaskWork,
    private readonly access: TaskAccess,
    private readonly effects: Effects,
    private readonly schemas: SkillSchemas,
    private readonly random: Random,
  ) {}

  /** Answers `task.needInput`. Until it is answered the time of the attempt stands still. */
  need(params: NeedParams, call: Call): Promise<{ inputId: string }> {
    const { taskId, epoch, kind, prompt, schema } = params;
    this.#check(prompt, schema);
    return this.effects.perform(call, params, (effect) =>
      this.board.run([taskId], async () => {
        const held = await this.work.held(taskId, epoch, call);
        const pending = held.task.inputs ?? [];
        const { inputs, promptBytes } = this.board.limits;
        if (pending.length >= inputs) throw tooMuch('too many inputs are asked for', 'inputs', inputs);
        const request = { inputId: this.random.uuid(), kind, prompt, ...(schema === undefined ? {} : { schema }) };
        if (JSON.stringify(request).length > promptBytes)
          throw tooMuch('the prompt is too long', 'promptBytes', promptBytes);
        const commit = this.board.begin(call.principal.id);
        const change = commit.change(held.stored);
        const ranMs = held.ranMs(this.board.clock.monotonicMs());
        this.#move(change, kind === 'auth' ? 'auth-required' : 'input-required', [...pending, request], {
          ranMs,
          runningSince: undefined,
        });
        const { inputId } = request;
        change.event('input', { state: change.task.state, inputId, kind });
        change.record(events.taskInputRequired, { inputId, kind });
        await this.board.commit(this.waiting, commit, effect, () => ({ inputId }));
        held.runningFrom = undefined;
        return { inputId };
      }),
    );
  }

  /** Answers `task.respond`: the answer is durable before the worker gets it. */
  async respond(params: RespondParams, call: Call): Promise<TaskStatus> {
    const { taskId, inputId, idempotencyKey } = params;
    const payload = Buffer.from(call.relayed ?? '');
    const same = idempotencyKey === undefined ? params : { ...params, payload: hash('sha256', payload) };
    return this.effects.perform(call, same, async (effect) => {
      await this.access.directed(call.principal, taskId);
      return this.board.run([taskId], async () => {
        const held = this.board.held.get(taskId);
        const request = held?.task.inputs?.find((each) => each.inputId === inputId);
        if (held === undefined || request === undefined) throw nobodyAsks(taskId, inputId);
        const text = payload.toString();
        this.#checkAnswer(request, text);
        const commit = this.board.begin(call.principal.id);
        const change = commit.change(held.stored);
        const left = (held.task.inputs ?? []).filter((each) => each !== request);
        const next = left.at(-1);
        const answered = [...(held.task.answered ?? []), inputId].slice(-ANSWERS);
        const resumed = next === undefined ? { runningSince: this.board.clock.now() } : {};
        this.#move(change, stateWith(next), left, { answered, ...resumed });
        change.puts.push({ key: TASK_KEYS.answers(taskId) + inputId, text });
        change.event('input', { state: change.task.state, inputId, kind: 'answer' });
        change.record(events.taskInputGiven, { inputId }, hash('sha256', payload));
        await this.board.commit(this.waiting, commit, effect, () => statusOf(change.task));
        if (next === undefined) held.runningFrom = this.board.clock.monotonicMs();
        this.#send(held, inputId, payload);
        return statusOf(change.task);
      });
    });
  }

  #move(
    change: TaskChange,
    to: TaskState,
    inputs: readonly InputRequest[],
    fields: { readonly ranMs?: number; readonly runningSince?: number | undefined; readonly answered?: string[] },
  ): void {
    const kept = inputs.length === 0 ? undefined : inputs;
    if (change.task.state === to) change.set({ inputs: kept, ...fields });
    else change.move(to, to === 'working' ? 'requester' : 'worker', { inputs: kept, ...fields });
  }

  /** A worker that is away, or only calls, gets it with its next heartbeat. */
  #send(held: HeldTask, inputId: string, payload: Uint8Array): void {
    const { taskId, epoch } = held.task;
    held.session?.notify('task.input', new RelayedJson(payload, 'payload', { taskId, epoch, inputId }));
  }

  #check(prompt: unknown, schema: unknown): void {
    if (prompt === undefined) throw invalid('/prompt', 'is required');
    if (schema === undefined) return;
    const { issues } = this.schemas.check(schema);
    const [first] = issues;
    if (first !== undefined) throw invalid(`/schema${first.path}`, first.message);
  }

  #checkAnswer({ schema }: InputRequest, text: string): void {
    if (schema === undefined) return;
    const [first] = this.schemas.issues(JSON.stringify(schema), JSON.parse(text));
    if (first !== undefined) throw invalid(`/payload${first.path}`, first.message);
  }
}

function stateWith(request: InputRequest | undefined): TaskState {
  if (request === undefined) return 'working';
  return request.kind === 'auth' ? 'auth-required' : 'input-required';
}

function nobodyAsks(taskId: string, inputId: string): OrchestratorError {
  return new OrchestratorError('not_found', 'the task does not ask for this input; task.get shows what it asks for', {
    resource: `task/${taskId}/input/${inputId}`,
  });
}

function invalid(path: string, message: string): OrchestratorError {
  return new OrchestratorError('invalid_params', `${path} ${message}`, { issues: [{ path, message }] });
}
