import type { HandlerParamsOf, ResultOf, taskMethods } from '@ai-orchestrator/protocol';
import type { Agent } from '../agents/agent.js';
import type { AgentDirectory } from '../agents/agent-directory.js';
import { hasSkill } from '../agents/agent-query.js';
import type { Authorizer } from '../permissions/authorizer.js';
import type { Principal } from '../permissions/principal.js';
import type { Call } from '../rpc/call.js';
import type { HeldTask } from './held-tasks.js';
import { isFinal } from './life-cycle.js';
import type { Openings } from './openings.js';
import { deadlineOf, limitsOf, retryOf, statusOf, timeOf } from './task.js';
import type { Task } from './task.js';
import type { TaskAccess } from './task-access.js';
import type { TaskBoard } from './task-board.js';
import { mayUse } from './task-target.js';
import type { WaitingTasks } from './waiting-tasks.js';

type Params = HandlerParamsOf<typeof taskMethods.taskExplain>;
type Result = ResultOf<typeof taskMethods.taskExplain>;

/** Candidates that an explanation shows. */
const MOST_CANDIDATES = 100;

/** Says why a task is where it is. */
export class TaskExplanation {
  constructor(
    private readonly board: TaskBoard,
    private readonly waiting: WaitingTasks,
    private readonly openings: Openings,
    private readonly access: TaskAccess,
    private readonly agents: AgentDirectory,
    private readonly authorizer: Authorizer,
  ) {}

  async explain({ taskId }: Params, { principal }: Call): Promise<Result> {
    const { task } = await this.access.readable(principal, taskId);
    const held = this.board.held.get(taskId);
    const waitsFor = this.#waitsFor(task);
    const until = this.#until(task, waitsFor, held);
    return {
      task: statusOf(task),
      waitsFor,
      ...(until === undefined ? {} : { until: timeOf(until) }),
      attempts: { used: task.attempt, most: retryOf(task, this.board.limits).maxAttempts },
      ...(task.error === undefined ? {} : { error: task.error.name }),
      ...(held === undefined ? {} : { lease: this.#lease(held) }),
      ...(waitsFor === 'agent' ? { waiting: this.waiting.waitingLike(task) } : {}),
      candidates: waitsFor === 'agent' || waitsFor === 'nextAttempt' ? this.#candidates(task, principal) : [],
    };
  }

  #waitsFor({ state, nextAttemptAt = 0 }: Task): Result['waitsFor'] {
    if (isFinal(state)) return 'nothing';
    if (state === 'input-required') return 'input';
    if (state === 'auth-required') return 'auth';
    if (state === 'working') return 'result';
    return nextAttemptAt > this.board.clock.now() ? 'nextAttempt' : 'agent';
  }

  /** Wall-clock ms. */
  #until(task: Task, waitsFor: Result['waitsFor'], held: HeldTask | undefined): number | undefined {
    const { clock, limits } = this.board;
    if (waitsFor === 'nothing') return undefined;
    if (waitsFor === 'nextAttempt') return task.nextAttemptAt;
    const { queuedMs, runningMs } = limitsOf(task, limits);
    const deadline = deadlineOf(task, limits);
    if (waitsFor === 'agent') return Math.min(deadline, task.queuedAt + queuedMs);
    if (waitsFor !== 'result' || held === undefined) return deadline;
    return Math.min(deadline, clock.now() + Math.max(0, runningMs - held.ranMs(clock.monotonicMs())));
  }

  #lease({ agentId, session, leaseUntil, task }: HeldTask): NonNullable<Result['lease']> {
    const { clock } = this.board;
    const expiresAt = timeOf(Math.round(clock.now() + leaseUntil - clock.monotonicMs()));
    return { agent: agentId, epoch: task.epoch, connected: session !== undefined, expiresAt };
  }

  /** The agents that the task is for, as far as the caller may see them. */
  #candidates(task: Task, principal: Principal): Result['candidates'] {
    const { to } = task;
    const named = 'agent' in to ? this.agents.find(to.agent) : undefined;
    const agents =
      'agent' in to ? (named === undefined ? [] : [named]) : (this.agents.withSkill(to.skill)?.agents ?? []);
    return agents
      .filter(({ resource }) => this.authorizer.authorize(principal, 'agent:read', resource).allowed)
      .slice(0, MOST_CANDIDATES)
      .map((agent) => {
        const reasons = [...this.#unfit(task, agent), ...this.#unready(task, agent)];
        const load = this.board.held.ofAgent(agent.id)?.size ?? 0;
        return { agent: agent.id, eligible: reasons.length === 0, reasons, load };
      });
  }

  /** Why a task is not for an agent. */
  #unfit({ to, by }: Task, agent: Agent): string[] {
    const reasons: string[] = [];
    if ('skill' in to) {
      const { skill, version, labels } = to;
      const has = (more: object): boolean => hasSkill(agent, { skill, ...more }, this.agents.ranges);
      if (version !== undefined && !has({ version })) reasons.push(`no version of the skill is in ${version}`);
      if (labels !== undefined && !has({ labels })) reasons.push('other labels');
    }
    if (!mayUse(by, agent, this.authorizer)) reasons.push('who submitted the task may not use it');
    return reasons;
  }

  /** Why an agent does not take a task now. */
  #unready({ suspect = false }: Task, agent: Agent): string[] {
    const opening = this.openings.get(agent.id);
    if (agent.session === undefined) return ['it is not connected'];
    if (opening === undefined) return ['it takes no tasks as calls'];
    if (!opening.usable) return [`it is ${agent.lease.state}`];
    if (this.openings.hasRoom(opening, suspect)) return [];
    const load = this.openings.load(opening);
    if (load >= opening.window) return [`it works on as many as it takes: ${String(opening.window)}`];
    return [suspect ? 'it works on others, and this task is worked on alone' : 'it works on a task alone'];
  }
}
