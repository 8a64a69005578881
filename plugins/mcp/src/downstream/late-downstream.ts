import type { HttpMount } from '@ai-orchestrator/core/plugin';
import type { DownstreamStatus } from './gateway.js';
import type { Downstream } from './open-downstream.js';

const NOTHING: DownstreamStatus = { sessions: {}, listeners: 0, heldCalls: 0, known: [] };

/** The side towards clients, whose code is loaded with the first of them: a daemon that none comes to does not wait for it at its start. */
export class LateDownstream {
  #downstream: Downstream | undefined;
  #loading: Promise<Downstream> | undefined;

  constructor(private readonly load: () => Promise<Downstream>) {}

  /** What is to be mounted. @param challenge what those are told who come without a key that will do */
  mounts(challenge?: NonNullable<HttpMount['challenge']>): readonly HttpMount[] {
    return ['/mcp', '/mcp/'].map((path) => ({
      path,
      methods: ['GET', 'POST', 'DELETE'],
      permission: 'mcp:use',
      ...(challenge !== undefined && { challenge }),
      answer: (exchange) => {
        if (this.#downstream !== undefined) return this.#downstream.answer(exchange);
        return this.#loaded().then((downstream) => downstream.answer(exchange));
      },
    }));
  }

  status(): DownstreamStatus {
    return this.#downstream?.status() ?? NOTHING;
  }

  async close(): Promise<void> {
    if (this.#loading !== undefined) (await this.#loading).close();
  }

  #loaded(): Promise<Downstream> {
    return (this.#loading ??= this.load().then((downstream) => (this.#downstream = downstream)));
  }
}
