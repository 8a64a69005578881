import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from './connection.js';
import { FINAL, type WholeTask } from './task-text.js';

const FIRST_LOOK_MS = 20;
const LOOK_MS = 500;

/** A task with its output once it has ended, or as it is when the time is over. */
export async function finishedTask(daemon: Connection, taskId: string, timeoutMs: number): Promise<WholeTask> {
  const until = performance.now() + timeoutMs;
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(LOOK_MS, pause * 2)) {
    const whole = await daemon.call('task.get', { taskId, include: ['result'] });
    if (FINAL.has(whole.task.state) || performance.now() >= until) return whole;
    await delay(pause, undefined, { signal: daemon.signal });
  }
}
