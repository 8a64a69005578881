import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { HandlerParamsOf, taskMethods } from '@ai-orchestrator/protocol';
import type { AgentRegistry } from '../agents/agent-registry.js';
import type { Timers } from '../host/time.js';
import type { Call } from '../rpc/call.js';
import { RelayedJson } from '../rpc/relayed-json.js';
import type { Signals } from '../store/signals.js';
import { pullsOf } from './assigner.js';
import type { Assigned, Assigner, Claim } from './assigner.js';
import { Opening } from './openings.js';
import type { TaskBoard } from './task-board.js';
import { planAssignment } from './task-plans.js';
import type { WaitingTasks } from './waiting-tasks.js';

type PullParams = HandlerParamsOf<typeof taskMethods.taskPull>;

/** How long a pull that does not wait gives the lanes to be read, ms. */
const READ_MS = 50;

/** Gives tasks to workers that only call: all that one pull gets in one commit. */
export class TaskPulls {
  #waiting = 0;

  constructor(
    private readonly board: TaskBoard,
    private readonly waiting: WaitingTasks,
    private readonly assigner: Assigner,
    private readonly agents: AgentRegistry,
    private readonly signals: Signals,
    private readonly timers: Timers,
  ) {}

  async pull({ agentId, limit = 1, waitMs = 0 }: PullParams, call: Call): Promise<RelayedJson> {
    const agent = this.agents.directory.mine(agentId, call.principal);
    const { pullWaiters } = this.board.limits;
    if (this.#waiting >= pullWaiters) {
      throw new OrchestratorError('too_many_pending', `at most ${String(pullWaiters)} pulls may wait`, {
        limit: pullWaiters,
      });
    }
    const opening = new Opening(agent, call.session, limit, 'pull');
    const over = new AbortController();
    const end = (): void => {
      over.abort();
    };
    const timer = this.timers.after(Math.max(waitMs, READ_MS), end);
    call.onCancel(end);
    this.#waiting++;
    this.waiting.serve(opening);
    try {
      for (;;) {
        const woken = this.signals.wait(pullsOf(agentId), over.signal);
        const claims = await this.#claims(opening, limit);
        if (claims.length > 0) return answerOf(await this.#assign(claims));
        if (over.signal.aborted || (waitMs === 0 && this.waiting.isClear(opening))) return answerOf([]);
        await woken;
        this.waiting.serve(opening);
      }
    } finally {
      this.#waiting--;
      timer.cancel();
      over.abort();
      this.waiting.leave(opening);
    }
  }

  async #claims(opening: Opening, limit: number): Promise<Claim[]> {
    const claims: Claim[] = [];
    try {
      while (claims.length < limit) {
        const claim = await this.assigner.claim(opening);
        if (claim === undefined) break;
        claims.push(claim);
      }
    } catch (error) {
      for (const claim of claims) claim.abandon();
      throw error;
    }
    return claims;
  }

  async #assign(claims: readonly Claim[]): Promise<Assigned[]> {
    const commit = this.board.begin();
    const changes = claims.map((claim) => {
      const change = commit.change(claim.stored);
      planAssignment(change, claim.opening.agent, this.board.clock.now());
      commit.lane((lane) => {
        lane.settle(claim.entry);
      });
      return { claim, change };
    });
    try {
      const revision = await this.board.commit(this.waiting, commit);
      return changes.map(({ claim, change }) => {
        claim.done();
        return this.assigner.assigned(change.stored(revision), claim.input, claim.opening);
      });
    } catch (error) {
      for (const claim of claims) claim.abandon();
      throw error;
    }
  }
}

function answerOf(assigned: readonly Assigned[]): RelayedJson {
  const tasks = assigned.map(
    ({ assignment, input }) => `{"task":${JSON.stringify(assignment)},"input":${Buffer.from(input).toString()}}`,
  );
  return new RelayedJson(Buffer.from(`{"tasks":[${tasks.join(',')}]}`));
}
