import { definitionHash } from './definition-hash.js';
import type { ToolVersion } from './tool-records.js';
import type { ToolDefinition } from './tools.js';

/**
 * Names that a provider has given up, so that a new name may be one of them in other words: who approved the old one has not approved the
 * new. As long as nobody has approved a name in the place of each, every new name may be.
 */
export class Renames {
  /** The newest approved version of each name that nobody offers. */
  readonly #givenUp: Map<string, ToolVersion>;

  /** @param isShared whether a name that is given up has one new name wait, not all, since others come and go on their own */
  constructor(
    versions: Iterable<ToolVersion>,
    offered: ReadonlySet<string>,
    private readonly isShared: boolean,
  ) {
    const all = [...versions];
    const approved = all.filter(({ stored }) => stored.approved !== undefined);
    const replaced = new Set((isShared ? all : approved).map(({ stored }) => stored.replaces));
    const lost = approved.filter(({ name }) => !offered.has(name) && !replaced.has(name));
    this.#givenUp = new Map(lost.map((each) => [each.name, each]));
  }

  /** What a new name may be instead of: the one that is like it, where there is one. */
  replaced(definition: ToolDefinition): ToolVersion | undefined {
    const [first] = this.#givenUp.values();
    const alike = [...this.#givenUp.values()].find(({ name, stored }) => {
      return stored.approved?.hash === definitionHash({ ...definition, name });
    });
    const found = alike ?? first;
    if (this.isShared && found !== undefined) this.#givenUp.delete(found.name);
    return found;
  }
}
