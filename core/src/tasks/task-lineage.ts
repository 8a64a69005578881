import { chainOf, rootOf as rootOfMessage } from '../messages/lineage.js';
import type { Ancestor } from '../messages/lineage.js';
import type { Principal } from '../permissions/principal.js';
import { rootOf } from './task.js';
import type { Task, TaskOrigin } from './task.js';
import type { TaskBoard } from './task-board.js';

/** The task with this id, if the principal works on it: what a message that is sent for it inherits. */
export function workedOn({ held }: TaskBoard, taskId: string, principal: Principal | undefined): Ancestor | undefined {
  const work = held.get(taskId);
  if (work === undefined || work.task.worker !== principal?.id) return undefined;
  const { task, agentId } = work;
  const { traceparent, contextId, correlationId } = task;
  return { ...inherited(task, agentId), id: taskId, deadline: Infinity, traceparent, contextId, correlationId };
}

/** What a task that a message brought about has of it. */
export function originIn(message: Ancestor): TaskOrigin {
  return { hops: message.hops + 1, chain: chainOf(message), rootId: rootOfMessage(message) };
}

/** What a sub-task has of its parent. */
export function originUnder(parent: Task): TaskOrigin {
  const { hops, earlier, rootId } = inherited(parent, parent.agent ?? '');
  return { hops: hops + 1, chain: [...earlier, parent.agent ?? ''], rootId };
}

function inherited(task: Task, agentId: string) {
  const { hops, chain, rootId } = task.origin ?? { hops: 0, chain: [], rootId: rootOf(task) };
  return { agent: { id: agentId }, hops, earlier: chain, rootId, parent: undefined };
}
