import { events, OrchestratorError } from '@ai-orchestrator/protocol';
import type { HandlerParamsOf, taskMethods } from '@ai-orchestrator/protocol';
import { hash } from 'node:crypto';
import type { Agent } from '../agents/agent.js';
import { hasSkill } from '../agents/agent-query.js';
import type { AgentRegistry } from '../agents/agent-registry.js';
import { inputSchemaOf } from '../agents/card-pool.js';
import type { Contexts } from '../contexts/contexts.js';
import type { Ancestor } from '../messages/lineage.js';
import type { MessageRouter } from '../messages/message-router.js';
import type { MessageIds } from '../messages/message-ids.js';
import type { Authorizer } from '../permissions/authorizer.js';
import type { Principal } from '../permissions/principal.js';
import type { Call } from '../rpc/call.js';
import { joined } from '../store/joined-commits.js';
import type { Effect, Effects } from '../store/effects.js';
import type { Commit } from '../store/store.js';
import { linkPuts } from '../timeline/timeline-keys.js';
import type { Assigner } from './assigner.js';
import { isHeld } from './life-cycle.js';
import { linksOf, rootOf, statusOf } from './task.js';
import type { Recipient, StoredTask, Task, TaskStatus } from './task.js';
import type { TaskBoard } from './task-board.js';
import type { TaskChange } from './task-change.js';
import type { TaskCommit } from './task-commit.js';
import { staleAttempt, taskNotFound } from './task-errors.js';
import { TASK_KEYS } from './task-keys.js';
import { originIn, originUnder, workedOn } from './task-lineage.js';
import type { TaskMeters } from './task-meters.js';
import { planAssignment } from './task-plans.js';
import type { WaitingTasks } from './waiting-tasks.js';

type SubmitParams = HandlerParamsOf<typeof taskMethods.taskSubmit>;

const DEFAULT_PRIORITY = 4;

/** Where a sub-task comes from. */
interface Ancestry {
  readonly parent: StoredTask;
  readonly root: StoredTask;
  /** Whose budget it draws on. */
  readonly owner: StoredTask | undefined;
}

/** Whom a new task may be for, and whether some that fit may not be used by its requester. */
interface Candidates {
  readonly agents: readonly Agent[];
  readonly fits: (agent: Agent) => boolean;
  readonly restricted: boolean;
}

/** Accepts tasks: one commit, in which a worker that has room gets it already. */
export class TaskIntake {
  constructor(
    private readonly board: TaskBoard,
    private readonly waiting: WaitingTasks,
    private readonly assigner: Assigner,
    private readonly agents: AgentRegistry,
    private readonly authorizer: Authorizer,
    private readonly effects: Effects,
    private readonly contexts: Contexts,
    private readonly messages: Pick<MessageRouter, 'workOf' | 'expectHop'>,
    private readonly ids: MessageIds,
    private readonly meters: TaskMeters,
  ) {}

  async submit(params: SubmitParams, call: Call): Promise<TaskStatus> {
    // The bytes are the caller's only until the first await.
    const input = Buffer.from(call.relayed ?? '');
    const { idempotencyKey, parentTaskId } = params;
    const same = idempotencyKey === undefined ? params : { ...params, input: hash('sha256', input) };
    return this.effects.perform(call, same, async (effect) => {
      if (parentTaskId === undefined) return this.#submit(params, call, input, effect, undefined);
      const parent = await this.#parent(params, call.principal);
      const { budgetOf, budget } = parent.task;
      const owner = budget === undefined ? budgetOf : parentTaskId;
      return this.board.run([parentTaskId, owner, rootOf(parent.task)], async () =>
        this.#submit(params, call, input, effect, await this.#ancestry(params, call.principal, owner)),
      );
    });
  }

  /** Agents that a principal may have a task done by, and which of them fit. @throws OrchestratorError those of `task.submit` */
  candidates(to: Recipient, principal: Principal): Candidates {
    return 'agent' in to ? this.#agent(to.agent, principal) : this.#agentsWith(to, principal);
  }

  /**
   * Submits a task once more, for who submitted it and as one without a parent; answers its new id.
   *
   * @param input JSON
   * @param besides what its commit has besides, by its id
   * @param answerOf what the call answers, by its id
   */
  async again(
    task: Task,
    input: string,
    besides: (taskId: string) => Commit,
    answerOf: (taskId: string) => unknown,
    call: Call,
    effect: Effect,
  ): Promise<string> {
    const { taskId, by, to, title, labels, contextId, correlationId, priority, limits, retry, fanOut, traceparent } =
      task;
    const params: SubmitParams = {
      to,
      causationId: taskId,
      priority,
      ...(title === undefined ? {} : { title }),
      ...(labels === undefined ? {} : { labels }),
      ...(contextId === undefined ? {} : { contextId }),
      ...(correlationId === undefined ? {} : { correlationId }),
      ...(limits === undefined ? {} : { limits }),
      ...(retry === undefined ? {} : { retry }),
      ...(task.budget === undefined ? {} : { budget: { spend: task.budget.spend } }),
      ...(fanOut === undefined ? {} : { fanOut }),
      ...(traceparent === undefined ? {} : { traceparent }),
    };
    const asBefore = { ...call, principal: { ...by, credentialId: '' }, traceparent };
    const joining: Effect = {
      commit: (commit, status) => {
        const as = (status as TaskStatus).taskId;
        return effect.commit(joined(commit, besides(as)), answerOf(as));
      },
      kept: (answer) => effect.kept(answer),
    };
    return (await this.#submit(params, asBefore, Buffer.from(input), joining, undefined)).taskId;
  }

  async #submit(
    params: SubmitParams,
    call: Call,
    input: Buffer,
    effect: Effect,
    ancestry: Ancestry | undefined,
  ): Promise<TaskStatus> {
    const { principal } = call;
    const { to } = params;
    // A sub-task is in the context of its parent, and what comes of a message in that of the message, whoever works on it.
    const cause = ancestry === undefined ? this.#cause(params, call) : undefined;
    const inherited = ancestry === undefined ? cause?.contextId : ancestry.parent.task.contextId;
    if (params.contextId !== undefined && params.contextId !== inherited) {
      await this.contexts.enter(params.contextId, principal);
    }
    const candidates = this.candidates(to, principal);
    const text = input.toString();
    const fits = this.#accepting(candidates, 'skill' in to ? to.skill : undefined, text);
    const now = this.board.clock.now();
    const task = newTask(params, call, this.ids.next(), input.length, now, candidates.restricted, ancestry, cause);
    const commit = this.board.begin(principal.id);
    const change = commit.change({ task, revision: 0 });
    if (ancestry !== undefined) this.#planSubTask(commit, change, ancestry);
    const { taskId } = task;
    change.puts.push({ key: TASK_KEYS.input(taskId), text });
    change.event('status', { state: 'submitted' });
    change.puts.push(...linkPuts(linksOf(task)));
    const { rootTaskId, causationId, depth, inputBytes } = task;
    const target = 'agent' in to ? { toAgent: to.agent } : { toSkill: to.skill };
    const ofTree = rootTaskId === undefined ? { depth } : { depth, rootTaskId };
    const because = causationId === undefined ? {} : { causationId };
    change.record(events.taskSubmitted, { ...target, ...ofTree, ...because, inputBytes }, hash('sha256', input));

    const opening = this.assigner.reserve(candidates.agents, fits);
    try {
      if (opening !== undefined) planAssignment(change, opening.agent, now);
      else {
        this.waiting.checkRoom(task);
        commit.lane((lane) => {
          this.waiting.add(lane, commit, change);
        });
      }
      const revision = await this.board.commit(this.waiting, commit, effect, () => statusOf(change.task));
      this.meters.submitted.add();
      if (opening !== undefined) {
        opening.reserved--;
        this.assigner.assigned(change.stored(revision), input, opening);
      }
      return statusOf(change.task);
    } catch (error) {
      if (opening !== undefined) opening.reserved--;
      throw error;
    }
  }

  /** What the caller is at that brings the task about. @throws OrchestratorError `hop_limit` */
  #cause({ causationId }: SubmitParams, { session }: Call): Ancestor | undefined {
    if (causationId === undefined || session === undefined) return undefined;
    const cause = this.messages.workOf(causationId, session);
    if (cause !== undefined) this.messages.expectHop(cause);
    return cause;
  }

  #agent(agentId: string, principal: Principal): Candidates {
    const agent = this.agents.directory.visible(principal, agentId, 'task:submit');
    return { agents: [agent], fits: () => true, restricted: false };
  }

  #agentsWith(to: Extract<SubmitParams['to'], { skill: string }>, principal: Principal): Candidates {
    const { directory } = this.agents;
    const constrained = (to.version ?? to.labels) !== undefined;
    const has = (agent: Agent): boolean => !constrained || hasSkill(agent, to, directory.ranges);
    const may = (agent: Agent): boolean => this.authorizer.authorize(principal, 'task:submit', agent.resource).allowed;
    const agents = directory.withSkill(to.skill)?.agents ?? [];
    let usable = 0;
    let fitting = 0;
    for (const agent of agents) {
      if (!has(agent)) continue;
      fitting++;
      if (may(agent)) usable++;
    }
    if (usable === 0) throw new OrchestratorError('no_agent_for_skill', to.skill, { skill: to.skill });
    return { agents, fits: (agent) => has(agent) && may(agent), restricted: usable < fitting };
  }

  /**
   * Narrows candidates to those whose skill takes the input.
   *
   * @throws OrchestratorError `invalid_params` when none does
   */
  #accepting({ agents, fits }: Candidates, skillId: string | undefined, text: string): (agent: Agent) => boolean {
    if (skillId === undefined) return fits;
    let value: { readonly parsed: unknown } | undefined;
    let refusal: OrchestratorError | undefined;
    const accepts = (agent: Agent): boolean => {
      const skill = agent.card.skills.find(({ id }) => id === skillId);
      if (skill?.hasInput !== true) return true;
      value ??= { parsed: JSON.parse(text) };
      const found = this.agents.schemas.issues(inputSchemaOf(agent.card, skill), value.parsed);
      if (found.length === 0) return true;
      const issues = found.map((issue) => ({ ...issue, path: `/input${issue.path}` }));
      const detail = issues.map((issue) => `${issue.path} ${issue.message}`).join('; ');
      refusal = new OrchestratorError('invalid_params', `${detail} (input of ${skillId} of ${agent.id})`, { issues });
      return false;
    };
    // Known by the card, because many agents may share one.
    const known = new Map<unknown, boolean>();
    const check = (agent: Agent): boolean => {
      let answer = known.get(agent.card);
      if (answer === undefined) known.set(agent.card, (answer = accepts(agent)));
      return answer;
    };
    if (!agents.some((agent) => fits(agent) && check(agent)) && refusal !== undefined) throw refusal;
    return (agent) => fits(agent) && check(agent);
  }

  async #parent({ parentTaskId = '', parentEpoch }: SubmitParams, principal: Principal): Promise<StoredTask> {
    const parent = await this.board.find(parentTaskId);
    if (parent?.task.worker !== principal.id) throw taskNotFound(parentTaskId);
    const { task } = parent;
    if (parentEpoch !== undefined && parentEpoch !== task.epoch) throw staleAttempt(task, parentEpoch);
    if (!isHeld(task.state)) {
      throw new OrchestratorError(
        'task_state',
        `task ${parentTaskId} is ${task.state}; only one that is worked on may have sub-tasks`,
        {
          from: task.state,
          allowed: [],
        },
      );
    }
    return parent;
  }

  /** Reads what a sub-task depends on, in the queues of all of them. */
  async #ancestry(params: SubmitParams, principal: Principal, ownerId: string | undefined): Promise<Ancestry> {
    const parent = await this.#parent(params, principal);
    const rootId = rootOf(parent.task);
    const root = rootId === parent.task.taskId ? parent : await this.board.find(rootId);
    const owner = ownerId === undefined || ownerId === parent.task.taskId ? parent : await this.board.find(ownerId);
    const { depth, fanOut, tree } = this.board.limits;
    const { task } = parent;
    const above = workedOn(this.board, task.taskId, principal);
    if (above !== undefined) this.messages.expectHop(above);
    if (task.depth + 1 >= depth) {
      const chain = await this.#chain(task);
      throw new OrchestratorError('hop_limit', `${String(depth)} tasks: ${chain.join(' -> ')}`, { chain });
    }
    const mayHave = Math.min(task.fanOut ?? fanOut, tree);
    if (task.children >= mayHave || (root?.task.tree ?? 0) >= tree) {
      const chain = await this.#chain(task);
      const what = task.children >= mayHave ? `${String(mayHave)} sub-tasks` : `${String(tree)} tasks of one root`;
      throw new OrchestratorError('fan_out_limit', `${what}: ${chain.join(' -> ')}`, { chain });
    }
    return { parent, root: root ?? parent, owner: ownerId === undefined ? undefined : owner };
  }

  #planSubTask(commit: TaskCommit, change: TaskChange, { parent, root, owner }: Ancestry): void {
    const { taskId, budget, parentTaskId = '' } = change.task;
    const ofParent = commit.change(parent);
    ofParent.set({ children: ofParent.task.children + 1 });
    const ofRoot = commit.change(root);
    ofRoot.set({ tree: (ofRoot.task.tree ?? 0) + 1 });
    change.puts.push({ key: TASK_KEYS.children(parentTaskId) + taskId, text: 'null' });
    if (owner?.task.budget === undefined) return;
    const ofOwner = commit.change(owner);
    const { spend, reserved } = owner.task.budget;
    const left = spend - reserved - (owner.task.spent ?? 0);
    const wanted = budget?.spend ?? 0;
    if (wanted > left || left <= 0) {
      throw new OrchestratorError('budget_exceeded', `${String(left)} of the budget of ${owner.task.taskId} are left`, {
        left,
        wanted,
        resource: `task/${owner.task.taskId}`,
      });
    }
    change.set({ budgetOf: owner.task.taskId });
    if (wanted > 0) ofOwner.set({ budget: { spend, reserved: reserved + wanted } });
  }

  /** The tasks above one, the root first, each with who works on it. */
  async #chain(task: Task): Promise<string[]> {
    const chain: string[] = [];
    for (let at: Task | undefined = task; at !== undefined;) {
      chain.unshift(`${at.taskId} (${at.agent ?? ''})`);
      at = at.parentTaskId === undefined ? undefined : (await this.board.find(at.parentTaskId))?.task;
    }
    return chain;
  }
}

function newTask(
  params: SubmitParams,
  { principal, traceparent }: Call,
  taskId: string,
  inputBytes: number,
  now: number,
  restricted: boolean,
  ancestry: Ancestry | undefined,
  cause: Ancestor | undefined,
): Task {
  const {
    to,
    title,
    labels,
    correlationId,
    causationId,
    priority = DEFAULT_PRIORITY,
    limits,
    retry,
    budget,
    fanOut,
  } = params;
  const parent = ancestry?.parent.task;
  const contextId = params.contextId ?? parent?.contextId;
  const trace = params.traceparent ?? traceparent ?? parent?.traceparent;
  const origin = parent === undefined ? cause && originIn(cause) : originUnder(parent);
  const rootBy = parent === undefined ? undefined : (parent.rootBy ?? parent.by.id);
  const { id, kind, roles } = principal;
  return {
    taskId,
    state: 'submitted',
    attempt: 0,
    epoch: 0,
    by: { id, kind, roles },
    ...(rootBy === undefined || rootBy === id ? {} : { rootBy }),
    to,
    ...(title === undefined ? {} : { title }),
    ...(labels === undefined ? {} : { labels }),
    ...(contextId === undefined ? {} : { contextId }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(causationId === undefined ? {} : { causationId }),
    ...(trace === undefined ? {} : { traceparent: trace }),
    ...(origin === undefined ? {} : { origin }),
    ...(parent === undefined ? {} : { parentTaskId: parent.taskId, rootTaskId: rootOf(parent) }),
    depth: parent === undefined ? 0 : parent.depth + 1,
    children: 0,
    priority,
    ...(limits === undefined ? {} : { limits }),
    ...(retry === undefined ? {} : { retry }),
    ...(budget === undefined ? {} : { budget: { spend: budget.spend, reserved: 0 } }),
    ...(fanOut === undefined ? {} : { fanOut }),
    ...(restricted ? { restricted } : {}),
    createdAt: now,
    updatedAt: now,
    queuedAt: now,
    events: 0,
    inputBytes,
  };
}
