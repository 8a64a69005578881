import type { Evidence, Violation } from './evidence.js';
import type { Sorted } from './items.js';

/** The transcript of a context tells of each item that was accepted in it, once, and of nothing else. */
export function* checkContexts({ items, submissions, keyOf }: Sorted, { told }: Evidence): Iterable<Violation> {
  for (const { id, accepted } of items.values()) {
    const send = submissions.get(keyOf.get(accepted[0]?.hash ?? '') ?? '')?.sends[0];
    if (accepted.length === 0 || send === undefined) continue;
    const expected = send.contextId ?? '';
    const tells = (told.get(id) ?? []).join(', ');
    if (tells !== expected) {
      const what = `${id} of ${expected === '' ? 'no context' : expected} is told in: ${tells === '' ? 'none' : tells}`;
      yield { rule: 'a context tells of what was accepted in it', what };
    }
  }
}
