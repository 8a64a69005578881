import { definitionHash } from './definition-hash.js';
import type { ToolVersion } from './tool-records.js';
import type { ToolDefinition } from './tools.js';

/**
 * Names that a provider has given up, so that a new name may be one of them in other words: who approved the old one has not approved the
 * new. Each is taken for one new name, the one that is like it where there is one.
 */
export class Renames {
  /** The newest approved version of each name that nobody offers. */
  readonly #givenUp: Map<string, ToolVersion>;

  constructor(versions: Iterable<ToolVersion>, offered: ReadonlySet<string>) {
    const all = [...versions];
    const replaced = new Set(all.map(({ stored }) => stored.replaces));
    const lost = all.filter(
      ({ name, stored }) => stored.approved !== undefined && !offered.has(name) && !replaced.has(name),
    );
    this.#givenUp = new Map(lost.map((each) => [each.name, each]));
  }

  /** What a new name may be instead of. */
  replaced(definition: ToolDefinition): ToolVersion | undefined {
    const alike = [...this.#givenUp.values()].find(({ name, stored }) => {
      return stored.approved?.hash === definitionHash({ ...definition, name });
    });
    const [first] = this.#givenUp.values();
    const found = alike ?? first;
    if (found !== undefined) this.#givenUp.delete(found.name);
    return found;
  }
}
