import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from './connection.js';
import type { Receipt } from './receipt-text.js';

const FIRST_LOOK_MS = 20;
const LOOK_MS = 500;

/** The receipt of a message once it is settled, or as it is when the time is over. */
export async function settled(daemon: Connection, messageId: string, timeoutMs: number): Promise<Receipt> {
  const until = performance.now() + timeoutMs;
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(LOOK_MS, pause * 2)) {
    const receipt = await daemon.call('message.receipt', { messageId });
    if (receipt.state === 'settled' || performance.now() >= until) return receipt;
    await delay(pause, undefined, { signal: daemon.signal });
  }
}
