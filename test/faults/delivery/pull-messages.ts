import type { AgentLink, IncomingCall } from './agent-link.js';
import { delay } from './agent-sender.js';
import type { Seeded } from './seeded.js';

const MOST = 8;
const WAIT_MS = 2_000;
const PAUSE_MS = 200;

interface Pulled {
  readonly message: { readonly id: string; readonly deliveryId: string };
  readonly payload: unknown;
}

/** Pulls messages for as long as the connection is open; each is handed on as if it had come by a call, and its answer goes back by one. */
export async function pullMessages(
  link: AgentLink,
  agentId: string,
  take: (call: IncomingCall) => void,
  random: Seeded,
): Promise<void> {
  while (link.isOpen) {
    const answer = await link.call('inbox.pull', { agentId, limit: random.integer(1, MOST), waitMs: WAIT_MS });
    if (!('result' in answer)) {
      await delay(PAUSE_MS);
      continue;
    }
    for (const { message, payload } of answer.result.messages as readonly Pulled[]) {
      const named = { messageId: message.id, deliveryId: message.deliveryId };
      take({
        method: 'message.handle',
        params: { message, payload },
        answer: (reply) => void settle(link, named, reply),
      });
    }
  }
}

async function settle(link: AgentLink, named: object, reply: Parameters<IncomingCall['answer']>[0]): Promise<void> {
  if ('error' in reply) {
    const { data } = reply.error as { readonly data?: { readonly retryable?: boolean } };
    await link.call('message.nack', { ...named, final: data?.retryable === false });
  } else if ((reply.result as { readonly ack?: boolean } | null)?.ack !== false) {
    await link.call('message.ack', named);
  }
}
