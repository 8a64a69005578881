import type { Evidence, Violation } from './evidence.js';
import { sendOf, type Item, type Sorted } from './items.js';

/** Each accepted item has one outcome, and its receipt says what happened. */
export function* checkOutcomes(sorted: Sorted, { maxAttempts, backoffMaxMs }: Evidence): Iterable<Violation> {
  const { items, settledByCall, letterOf } = sorted;
  for (const item of items.values()) {
    const { id, receipt, settled, accepted } = item;
    if (accepted.length === 0) continue;
    const told = receipt === undefined ? 'no receipt' : `${receipt.outcome ?? 'pending'} after ${receipt.attempts}`;
    if (settled.length !== 1) {
      const outcomes = settled.map(({ outcome }) => outcome).join(', ');
      yield { rule: 'exactly one outcome', what: `${id}: ${outcomes === '' ? 'none' : outcomes}; ${told}` };
    }
    if (receipt === undefined) {
      yield { rule: 'nothing accepted is unknown', what: id };
      continue;
    }
    if (receipt.outcome === undefined) continue;
    if (settled.some(({ outcome, attempts }) => outcome !== receipt.outcome || attempts !== receipt.attempts)) {
      yield { rule: 'receipt and journal agree', what: `${id}: ${told}` };
    }
    const sent = sendOf(item, sorted);
    // A message that is sent once more has neither the time nor the attempts of the first.
    const send = sent?.kind === 'message' && letterOf.has(id) ? undefined : sent;
    // A task ends early where its next attempt would come after its time.
    const earlyMs = send?.kind === 'task' ? backoffMaxMs : 0;
    const ttlMs = send?.ttlMs === undefined ? Infinity : send.ttlMs - earlyMs;
    const limits = { maxAttempts: send?.maxAttempts ?? maxAttempts, ttlMs };
    if (!isTrue(item, limits)) yield { rule: 'receipts equal what happened', what: `${id}: ${told}` };
    for (const settle of item.settles) {
      const answer = settle.call === undefined ? undefined : settledByCall.get(settle.call);
      if (answer === undefined || answer.error !== undefined) continue;
      const same = answer.outcome === undefined || answer.outcome === receipt.outcome;
      const least = settle.as === 'again' ? receipt.last >= settle.attempt : receipt.last === settle.attempt;
      if (same && least) continue;
      const said = `${settle.as} at ${settle.attempt} was answered ${answer.outcome ?? 'again'}`;
      yield { rule: 'an acknowledged end is kept', what: `${id}: ${said}; ${told}` };
    }
  }
}

/** Whether the outcome can have come about, by what agents did. */
function isTrue({ receipt, settles }: Item, limits: { maxAttempts: number; ttlMs: number }): boolean {
  if (receipt?.outcome === undefined) return true;
  const { outcome, attempts, last, acceptedAt, settledAt = 0 } = receipt;
  switch (outcome) {
    case 'handled':
    case 'failed':
      return settles.some(({ as, attempt }) => as === outcome && attempt === last);
    case 'deadLettered':
      return attempts >= limits.maxAttempts;
    case 'expired':
      return settledAt >= acceptedAt + limits.ttlMs;
    case 'canceled':
      // Held against who asked for it, elsewhere.
      return true;
    case 'refused':
      // No agent of the harness does that.
      return false;
  }
}
