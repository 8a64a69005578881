import type { Evidence, Violation } from './evidence.js';
import { sendOf, type Sorted } from './items.js';

/** The transcript of a context tells of each item that was accepted in it, once, and of nothing else. */
export function* checkContexts(sorted: Sorted, { told }: Evidence): Iterable<Violation> {
  for (const item of sorted.items.values()) {
    const { id, accepted } = item;
    const send = sendOf(item, sorted);
    if (accepted.length === 0 || send === undefined) continue;
    // A message that is sent once more was told of before.
    const again = send.kind === 'message' && sorted.letterOf.has(id);
    const expected = again ? '' : (send.contextId ?? '');
    const tells = (told.get(id) ?? []).join(', ');
    if (tells !== expected) {
      const what = `${id} of ${expected === '' ? 'no context' : expected} is told in: ${tells === '' ? 'none' : tells}`;
      yield { rule: 'a context tells of what was accepted in it', what };
    }
  }
}
