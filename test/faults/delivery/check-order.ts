import type { Delivered, Violation } from './evidence.js';
import { idsIn, type Sorted } from './items.js';

/** First attempts of one priority begin in the order of the inbox, which is that in which senders saw them accepted. */
export function* checkOrder({ items, submissions }: Sorted): Iterable<Violation> {
  const lanes = new Map<string, Delivered[]>();
  for (const { delivered } of items.values()) {
    for (const each of delivered) {
      if (each.attempt > 1 || each.sequence === undefined) continue;
      const lane = `${each.agent} at priority ${each.priority}`;
      const begun = lanes.get(lane);
      if (begun === undefined) lanes.set(lane, [each]);
      else begun.push(each);
    }
  }
  for (const [lane, begun] of lanes) {
    let last = 0;
    for (const { sequence = 0, id } of begun.toSorted((a, b) => a.at - b.at)) {
      if (sequence <= last)
        yield { rule: 'deliveries begin in order', what: `${lane}: ${sequence} (${id}) after ${last}` };
      last = sequence;
    }
    let invoked = 0;
    for (const { key, id } of begun.toSorted((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0))) {
      const { sends = [], answers = [] } = submissions.get(key) ?? {};
      const answered = Math.min(
        ...answers.filter((answer) => idsIn(answer).includes(id)).map(({ at }) => at),
        Infinity,
      );
      if (answered < invoked) yield { rule: 'an inbox has the order of acceptance', what: `${lane}: ${id}` };
      invoked = Math.max(invoked, sends[0]?.at ?? 0);
    }
  }
}
