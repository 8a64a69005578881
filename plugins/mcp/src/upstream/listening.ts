import type { Timer, Timers } from '@ai-orchestrator/core/plugin';
import type { Instance } from './instance.js';
import { isObject, type JsonObject } from './json.js';
import type { UpstreamLimits } from './upstream-limits.js';

/** Longer than any server runs; a stream that ends sooner is opened again. */
const FOREVER_MS = 2 ** 31 - 1;

/** The stream on which a modern server tells what changes [2026-07-28 subscriptions]. */
export class Listening {
  #present: AbortController | undefined;
  #again: Timer | undefined;
  #failures = 0;

  constructor(
    private readonly instance: Instance,
    private readonly timers: Timers,
    private readonly limits: Pick<UpstreamLimits, 'reopenMs' | 'reopenMaxMs'>,
  ) {}

  /** Listens for changes of what the server offers, and of these resources; instead of what was listened for before. */
  listen(uris: readonly string[]): void {
    this.#again?.cancel();
    const filter = filterOf(this.instance.greeting?.capabilities ?? {}, uris);
    const earlier = this.#present;
    if (Object.keys(filter).length === 0) {
      this.#present = undefined;
      earlier?.abort('nothing to listen for');
      return;
    }
    const present = new AbortController();
    this.#present = present;
    const ended = this.instance.request(
      'subscriptions/listen',
      { notifications: filter },
      { timeoutMs: FOREVER_MS, signal: present.signal },
    );
    // After the new one is on its way, so that nothing is missed in between.
    earlier?.abort('another stream takes its place');
    ended
      .then(
        // A graceful end, or a refusal, which the next may not meet.
        (answer) => (this.#failures = answer.kind === 'result' ? 0 : this.#failures + 1),
        () => (this.#failures += 1),
      )
      .finally(() => {
        if (this.#present !== present || this.instance.state !== 'ready') return;
        const { reopenMs, reopenMaxMs } = this.limits;
        const wait = Math.min(reopenMs * 2 ** Math.min(this.#failures, 10), reopenMaxMs);
        this.#again = this.timers.after(wait, () => this.listen(uris));
      });
  }

  close(): void {
    this.#again?.cancel();
    this.#present?.abort('the server is left');
    this.#present = undefined;
  }
}

function filterOf(capabilities: JsonObject, uris: readonly string[]): JsonObject {
  const changes = (name: string): boolean => {
    const capability = capabilities[name];
    return isObject(capability) && capability.listChanged === true;
  };
  return {
    ...(changes('tools') ? { toolsListChanged: true } : {}),
    ...(changes('prompts') ? { promptsListChanged: true } : {}),
    ...(changes('resources') ? { resourcesListChanged: true } : {}),
    ...(uris.length === 0 ? {} : { resourceSubscriptions: uris }),
  };
}
