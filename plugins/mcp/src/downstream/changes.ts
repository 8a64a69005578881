import { createHash } from 'node:crypto';
import type { Timer, Timers, Tools } from '@ai-orchestrator/core/plugin';
import type { Upstreams } from '../upstream/upstream.js';
import type { Catalogue } from './catalogue.js';
import type { View } from './operation.js';

/** What a listing is of. */
export type Kind = 'tools' | 'prompts' | 'resources';

/** Who wants to be told of changes of what it sees. */
export interface Watcher {
  readonly view: View;
  changed(kind: Kind): void;
}

const KINDS: readonly Kind[] = ['tools', 'prompts', 'resources'];

/**
 * Tells watchers which of their listings changed: theirs, as they see them, so that nobody hears of a change to what is not for them. What
 * changes in quick succession is told once.
 */
export class Changes {
  readonly #watchers = new Set<Watcher>();
  /** What the watchers of a view saw last, by view. */
  readonly #seen = new Map<string, Record<Kind, string>>();
  readonly #stop: readonly (() => void)[];
  #timer: Timer | undefined;

  constructor(
    private readonly catalogue: Catalogue,
    tools: Tools,
    upstreams: Upstreams,
    private readonly timers: Timers,
    private readonly everyMs: number,
  ) {
    this.#stop = [tools.onChanged(() => this.#soon()), upstreams.onChanged(() => this.#soon())];
  }

  /** Answers how to stop watching. */
  watch(watcher: Watcher): () => void {
    const key = keyOf(watcher.view);
    if (!this.#seen.has(key)) this.#seen.set(key, this.#look(watcher.view));
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
      if (![...this.#watchers].some(({ view }) => keyOf(view) === key)) this.#seen.delete(key);
    };
  }

  close(): void {
    this.#timer?.cancel();
    for (const stop of this.#stop) stop();
  }

  #soon(): void {
    if (this.#watchers.size === 0) return;
    this.#timer ??= this.timers.after(this.everyMs, () => {
      this.#timer = undefined;
      this.#tell();
    });
  }

  #tell(): void {
    const changed = new Map<string, readonly Kind[]>();
    for (const watcher of this.#watchers) {
      const key = keyOf(watcher.view);
      let kinds = changed.get(key);
      if (kinds === undefined) {
        const now = this.#look(watcher.view);
        const before = this.#seen.get(key);
        this.#seen.set(key, now);
        changed.set(key, (kinds = KINDS.filter((kind) => before?.[kind] !== now[kind])));
      }
      for (const kind of kinds) watcher.changed(kind);
    }
  }

  #look(view: View): Record<Kind, string> {
    const digest = (parts: Iterable<string>): string => {
      const hash = createHash('sha1');
      for (const part of parts) hash.update(part).update('\n');
      return hash.digest('base64');
    };
    const { catalogue } = this;
    return {
      tools: digest(catalogue.visibleTools(view).map(({ definition, hash }) => `${definition.name} ${hash}`)),
      prompts: digest(catalogue.prompts(view).map((prompt) => JSON.stringify(prompt))),
      resources: digest([...catalogue.resources(view), ...catalogue.templates(view)].map((one) => JSON.stringify(one))),
    };
  }
}

function keyOf({ principal, set }: View): string {
  return JSON.stringify([principal.id, principal.credentialId, set ?? null]);
}
