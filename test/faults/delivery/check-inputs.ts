import type { Ask, Violation } from './evidence.js';
import type { Item, Sorted } from './items.js';

/** Each input that a worker asks for is given once, and arrives as it was given. */
export function* checkInputs(sorted: Sorted): Iterable<Violation> {
  for (const item of sorted.items.values()) {
    const answers = new Map<string, Ask[]>();
    for (const ask of item.asks) {
      if (ask.what === 'respond') answers.set(ask.inputId ?? '', [...(answers.get(ask.inputId ?? '') ?? []), ask]);
    }
    for (const [inputId, responds] of answers) {
      const recorded = item.inputsGiven.filter((given) => given.inputId === inputId).length;
      const taken = responds.filter(({ call }) => isTaken(sorted, call));
      const keys = new Set(taken.map(({ key }) => key));
      if (keys.size > 1 || recorded > 1) yield { rule: 'one input, one answer', what: `${item.id}: ${inputId}` };
      if (keys.size > 0 && recorded === 0) yield { rule: 'a given input is recorded', what: `${item.id}: ${inputId}` };
    }
    yield* arrived(item, answers, sorted);
  }
}

function* arrived(item: Item, answers: ReadonlyMap<string, Ask[]>, sorted: Sorted): Iterable<Violation> {
  for (const { inputId, hash } of item.inputs) {
    const responds = answers.get(inputId) ?? [];
    const taken = responds.filter(({ call }) => isTaken(sorted, call));
    // Nobody may know which of them was taken.
    const possible = taken.length === 0 ? responds : taken;
    if (possible.every((respond) => respond.hash !== hash)) {
      yield { rule: 'input arrives as it was given', what: `${item.id}: ${inputId}` };
    }
  }
}

function isTaken({ toldByCall }: Sorted, call: string): boolean {
  const told = toldByCall.get(call);
  return told !== undefined && told.error === undefined;
}
