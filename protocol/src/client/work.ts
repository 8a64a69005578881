import type { AssignedTask } from './assigned-task.js';
import type { DurableMessage } from './durable-message.js';
import type { Message } from './message.js';

/** What an agent was asked to do, however it was asked; `kind` tells which. */
export type Work = Message | DurableMessage | AssignedTask;
