import type { Log, Store } from '@ai-orchestrator/core/plugin';
import type { Era } from './upstream.js';

const PREFIX = 'mcp/era/';

/** What each server was found to speak, kept over restarts [2026-07-28 versioning: MAY persist it]. */
export interface EraMemory {
  recall(key: string): Promise<Era | undefined>;
  remember(key: string, era: Era): Promise<void>;
  forget(key: string): Promise<void>;
}

/** For a server that is to be spoken to in the legacy era, whatever else it speaks. */
export const ALWAYS_LEGACY: EraMemory = {
  recall: () => Promise.resolve('legacy'),
  remember: () => Promise.resolve(),
  forget: () => Promise.resolve(),
};

/** Keeps it in the store; what cannot be kept is found out again. */
export class StoredEras implements EraMemory {
  constructor(
    private readonly store: Store,
    private readonly log: Log,
  ) {}

  async recall(key: string): Promise<Era | undefined> {
    const entry = await this.store.get(PREFIX + key);
    return entry?.value === 'legacy' || entry?.value === 'modern' ? entry.value : undefined;
  }

  async remember(key: string, era: Era): Promise<void> {
    if ((await this.recall(key)) === era) return;
    await this.#write({ puts: [{ key: PREFIX + key, value: era }] });
  }

  async forget(key: string): Promise<void> {
    if ((await this.recall(key)) !== undefined) await this.#write({ deletes: [PREFIX + key] });
  }

  async #write(commit: Parameters<Store['commit']>[0]): Promise<void> {
    try {
      await this.store.commit(commit);
    } catch (error) {
      this.log.warn({ err: error }, 'could not keep which era a server speaks; it will be asked again');
    }
  }
}
