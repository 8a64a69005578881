import type { Labeled } from './instruments.js';

/** The label value under which everything past the bound is counted. */
const OTHER = 'other';
/** Joins label values for looking up. */
const SEPARATOR = '\u0000';

/** The children of one instrument by their label values, at most `max` and one named `other`. */
export class Series<Child> implements Labeled<Child> {
  readonly #children = new Map<string, { readonly labels: readonly string[]; readonly child: Child }>();

  constructor(
    readonly name: string,
    readonly help: string,
    readonly labelNames: readonly string[],
    private readonly max: number,
    private readonly create: () => Child,
  ) {
    // Without labels there is one series, and it is there from the start: a counter that is absent cannot be told from one at zero.
    if (labelNames.length === 0) this.with();
  }

  with(...values: string[]): Child {
    if (values.length !== this.labelNames.length) {
      throw new Error(
        `instrument ${this.name} has the labels (${this.labelNames.join(', ')}); ${values.length} values given`,
      );
    }
    const key = keyOf(values);
    const known = this.#children.get(key);
    if (known !== undefined) return known.child;
    if (this.#children.size >= this.max) return this.#at(this.labelNames.map(() => OTHER));
    return this.#at(values);
  }

  map<T>(each: (labels: readonly string[], child: Child) => T): T[] {
    return [...this.#children.values()].map(({ labels, child }) => each(labels, child));
  }

  #at(labels: readonly string[]): Child {
    const key = keyOf(labels);
    let entry = this.#children.get(key);
    if (entry === undefined) {
      entry = { labels, child: this.create() };
      this.#children.set(key, entry);
    }
    return entry.child;
  }
}

/** As `join` has it, which costs more for the few that there are: it is on every request's way. */
function keyOf(values: readonly string[]): string {
  let key = values[0] ?? '';
  for (let i = 1; i < values.length; i++) key += SEPARATOR + (values[i] ?? '');
  return key;
}
