import { OrchestratorError } from '@ai-orchestrator/protocol';

/** How many messages each first one has brought about, directly and by way of others, as far as memory goes: a restart counts anew. */
export class MessageFamilies {
  readonly #sizes = new Map<string, number>();

  /**
   * @param limit messages that one may bring about
   * @param remembered first messages that are counted; past it the one whose family grew least recently is forgotten
   */
  constructor(
    private readonly limit: number,
    private readonly remembered: number,
  ) {}

  /**
   * Answers how to undo it.
   *
   * @param chain agents that it went through
   * @throws OrchestratorError `fan_out_limit` with the chain
   */
  grow(rootId: string, by: number, chain: readonly string[]): () => void {
    const size = (this.#sizes.get(rootId) ?? 0) + by;
    if (size > this.limit) {
      const what = `${String(this.limit)} messages because of ${rootId}`;
      throw new OrchestratorError('fan_out_limit', `${what}: ${chain.join(' -> ')}`, { chain: [...chain] });
    }
    this.#sizes.delete(rootId);
    this.#sizes.set(rootId, size);
    if (this.#sizes.size > this.remembered) {
      const [oldest] = this.#sizes.keys();
      this.#sizes.delete(oldest ?? '');
    }
    return () => {
      const now = this.#sizes.get(rootId);
      if (now !== undefined) this.#sizes.set(rootId, now - by);
    };
  }
}
