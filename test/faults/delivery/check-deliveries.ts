import type { Violation } from './evidence.js';
import type { Item, Sorted } from './items.js';

/** Attempts rise, come to the right agent with the right content, and end with the outcome; late words about them are refused. */
export function* checkDeliveries({ items, keyOf, settledByCall }: Sorted): Iterable<Violation> {
  for (const item of items.values()) {
    yield* attempts(item);
    const recipient = item.accepted[0]?.agent;
    for (const { key, hash, agent } of item.delivered) {
      if (keyOf.get(hash) !== key) yield { rule: 'content arrives as it was sent', what: `${item.id} for ${key}` };
      if (item.accepted.length === 0) yield { rule: 'nothing is delivered that was not accepted', what: item.id };
      if (recipient !== undefined && agent !== recipient) {
        yield { rule: 'only its recipient gets an item', what: `${item.id}: ${agent} in place of ${recipient}` };
      }
    }
    for (const settle of item.settles) {
      const answer = settle.call === undefined ? undefined : settledByCall.get(settle.call);
      if (answer === undefined || answer.error !== undefined) continue;
      if (settle.as === 'handled' && answer.outcome !== 'handled') {
        const what = `${item.id}: attempt ${settle.attempt} was ${answer.outcome ?? 'not over'}, and its ack answered`;
        yield { rule: 'late acks are refused', what };
      }
      const newer = item.delivered.find(({ at, attempt }) => at < settle.at && attempt > settle.attempt);
      if (newer !== undefined) {
        const what = `${item.id}: attempt ${settle.attempt} was taken after ${newer.attempt} had begun`;
        yield { rule: 'late acks are refused', what };
      }
    }
  }
}

/** As far as each agent can tell: two may read theirs in another order than they were made. */
function* attempts({ id, delivered, receipt }: Item): Iterable<Violation> {
  const last = new Map<string, number>();
  for (const { attempt, agent } of delivered.toSorted((a, b) => a.at - b.at)) {
    const before = last.get(agent) ?? 0;
    if (attempt <= before) yield { rule: 'attempts only rise', what: `${id}: ${attempt} after ${before}` };
    last.set(agent, attempt);
  }
  const most = Math.max(0, ...last.values());
  if (receipt?.outcome !== undefined && most > receipt.last) {
    yield { rule: 'nothing is delivered after its end', what: `${id}: attempt ${most} of ${receipt.last}` };
  }
}
