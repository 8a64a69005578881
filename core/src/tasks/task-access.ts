import type { AgentDirectory } from '../agents/agent-directory.js';
import type { Authorizer } from '../permissions/authorizer.js';
import type { Principal } from '../permissions/principal.js';
import type { StoredTask, Task } from './task.js';
import type { TaskBoard } from './task-board.js';
import { taskNotFound } from './task-errors.js';

/** Who is party to a task: who submitted it or what it descends from, who works or worked on it, whose agent it waits for, and administrators. */
export class TaskAccess {
  constructor(
    private readonly board: TaskBoard,
    private readonly authorizer: Authorizer,
    private readonly agents: AgentDirectory,
  ) {}

  mayRead(principal: Principal, task: Task): boolean {
    return this.isRequester(principal, task) || this.isWorker(principal, task) || this.#isAdmin(principal);
  }

  /** Whether it is the principal's to cancel, and to answer for. */
  mayDirect(principal: Principal, task: Task): boolean {
    return this.isRequester(principal, task) || this.#isAdmin(principal);
  }

  isRequester({ id }: Principal, { by, rootBy }: Task): boolean {
    return by.id === id || rootBy === id;
  }

  isWorker({ id }: Principal, { worker, pastWorkers, to }: Task): boolean {
    if (worker === id || pastWorkers?.includes(id) === true) return true;
    return 'agent' in to && this.agents.find(to.agent)?.owner.id === id;
  }

  /** @throws OrchestratorError `task_not_found` also when the principal is not party to it */
  async readable(principal: Principal, taskId: string): Promise<StoredTask> {
    const stored = await this.board.find(taskId);
    if (stored === undefined || !this.mayRead(principal, stored.task)) throw taskNotFound(taskId);
    return stored;
  }

  /** @throws OrchestratorError `task_not_found` also when it is not the principal's to direct */
  async directed(principal: Principal, taskId: string): Promise<StoredTask> {
    const stored = await this.board.find(taskId);
    if (stored === undefined || !this.mayDirect(principal, stored.task)) throw taskNotFound(taskId);
    return stored;
  }

  #isAdmin(principal: Principal): boolean {
    return this.authorizer.authorize(principal, 'task:admin').allowed;
  }
}
