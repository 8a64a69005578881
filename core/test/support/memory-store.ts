import { MemoryStore as Store } from '../../src/in-memory/index.js';
import { JOURNAL_PREFIX } from '../../src/store/store.js';

/** The store in memory with what tests ask of it. */
export class MemoryStore extends Store {
  constructor() {
    super({ now: () => Date.UTC(2026, 0, 1) });
  }

  /** Commits so far. */
  get commits(): number {
    return this.revision;
  }

  /** What the journal says, in short. */
  journal(): string[] {
    return this.entries(JOURNAL_PREFIX)
      .map(({ value }) => value as { action: string; resource: string; principal: string; outcome: string })
      .map(({ action, resource, principal, outcome }) => [action, resource, principal, outcome].join(' '));
  }
}
