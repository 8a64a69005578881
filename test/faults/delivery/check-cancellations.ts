import type { Violation } from './evidence.js';
import { sendOf, type Item, type Sorted } from './items.js';

/** Only what somebody asked for is canceled, or what hangs on a task that was not done; and what was answered stays so. */
export function* checkCancellations(sorted: Sorted): Iterable<Violation> {
  for (const item of sorted.items.values()) {
    const outcome = item.receipt?.outcome;
    if (outcome === 'canceled' && !isAskedFor(item, sorted)) {
      yield { rule: 'only what was asked for is canceled', what: item.id };
    }
    for (const { call, what } of item.asks) {
      const told = sorted.toldByCall.get(call);
      if (what !== 'cancel' || told === undefined) continue;
      const isKept = told.state === undefined || told.state === outcome;
      // Refused because it had ended otherwise.
      if (isKept && (told.error !== 'task_state' || outcome !== 'canceled')) continue;
      const said = told.state ?? told.error ?? '';
      yield { rule: 'a cancellation is as it was answered', what: `${item.id}: ${said}, and is ${outcome ?? 'open'}` };
    }
  }
}

function isAskedFor(item: Item, sorted: Sorted): boolean {
  if (item.asks.some(({ what }) => what === 'cancel')) return true;
  const parent = sorted.items.get(sendOf(item, sorted)?.parentId ?? '');
  const outcome = parent?.receipt?.outcome;
  return outcome !== undefined && outcome !== 'handled';
}
