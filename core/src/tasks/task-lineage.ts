import type { Ancestor } from '../messages/lineage.js';
import type { Principal } from '../permissions/principal.js';
import { rootOf } from './task.js';
import type { TaskBoard } from './task-board.js';

/** The task with this id, if the principal works on it: what a message that is sent for it inherits. */
export function workedOn({ held }: TaskBoard, taskId: string, principal: Principal | undefined): Ancestor | undefined {
  const work = held.get(taskId);
  if (work === undefined || work.task.worker !== principal?.id) return undefined;
  const { depth, traceparent, contextId, correlationId } = work.task;
  const agent = { id: work.agentId };
  return {
    id: taskId,
    agent,
    hops: depth,
    deadline: Infinity,
    traceparent,
    parent: undefined,
    contextId,
    correlationId,
    rootId: rootOf(work.task),
  };
}
