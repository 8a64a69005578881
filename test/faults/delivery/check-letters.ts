import type { Evidence, Violation } from './evidence.js';
import type { Item, Sorted } from './items.js';

/** What nobody could handle is a dead letter until it is sent once more or given up: one of them, once, and as it was answered. */
export function* checkLetters(sorted: Sorted, { letters }: Evidence): Iterable<Violation> {
  for (const item of sorted.items.values()) {
    const { id, letterEnds } = item;
    if (letterEnds.length > 1) yield { rule: 'a dead letter ends once', what: id };
    const isDead = item.receipt?.outcome === 'deadLettered';
    if (!isDead && letterEnds.length > 0) yield { rule: 'only dead letters end as such', what: id };
    if (letters.has(id) !== (isDead && letterEnds.length === 0)) {
      yield { rule: 'dead letters are listed until they end', what: `${id} is ${letters.has(id) ? '' : 'not '}listed` };
    }
    yield* answers(item, sorted);
    for (const end of letterEnds) {
      if (end.fact !== 'redelivered') continue;
      const again = sorted.items.get(end.as)?.accepted[0];
      const before = item.accepted[0];
      if (again === undefined || again.hash !== before?.hash || again.agent !== before.agent) {
        yield { rule: 'a dead letter is sent once more as it was', what: `${id} as ${end.as}` };
      }
    }
  }
}

function* answers({ id, asks, letterEnds }: Item, { toldByCall }: Sorted): Iterable<Violation> {
  for (const { call, what } of asks) {
    const told = toldByCall.get(call);
    if ((what !== 'redeliver' && what !== 'discard') || told === undefined || told.error !== undefined) continue;
    const isSo = letterEnds.some((end) =>
      what === 'discard' ? end.fact === 'discarded' : end.fact === 'redelivered' && end.as === told.as,
    );
    if (!isSo)
      yield { rule: 'the end of a dead letter is as it was answered', what: `${id}: ${what} ${told.as ?? ''}` };
  }
}
