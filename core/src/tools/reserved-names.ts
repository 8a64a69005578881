import type { ToolRecords } from './tool-records.js';
import type { ToolProvider } from './tools.js';

const MARK = '__';

/**
 * Names that are kept for their provider before it offers them, so that nobody else has a tool among those that grants and sets give with
 * a pattern such as `files__*`: what begins with the prefix of a provider that is there, and, for agents, with the id of a known provider
 * and `__`.
 */
export class ReservedNames {
  readonly #prefixes: readonly (readonly [prefix: string, provider: string])[];
  /** Last parts of the ids of other providers, for agents. */
  readonly #heads: ReadonlyMap<string, string>;

  constructor(
    records: ToolRecords,
    private readonly provider: ToolProvider,
  ) {
    const { id } = provider;
    this.#prefixes = [...records.shelves.values()].flatMap(({ provider: { id: owner, prefix = '' } }) =>
      prefix === '' || owner === id ? [] : [[prefix, owner] as const],
    );
    const known = id.startsWith('agent/') ? records.providers() : [];
    this.#heads = new Map(known.filter((each) => each !== id).map((each) => [headOf(each), each]));
  }

  /** Whose the name is; `undefined`: free. The longer prefix wins, so that a server `a` and one `a__b` can be there together. */
  ownerOf(name: string): string | undefined {
    const { id, prefix: own = '' } = this.provider;
    const length = own !== '' && name.startsWith(own) ? own.length : 0;
    const [, owner] = this.#prefixes.find(([prefix]) => prefix.length > length && name.startsWith(prefix)) ?? [];
    if (owner !== undefined) return owner;
    const end = name.indexOf(MARK);
    const head = name.slice(0, end);
    return end === -1 || head === headOf(id) ? undefined : this.#heads.get(head);
  }
}

function headOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}
