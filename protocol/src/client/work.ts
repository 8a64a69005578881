import type { Message } from './message.js';

/** What an agent was asked to do, however it was asked; `kind` tells which. */
export type Work = Message;
