/** What says that nobody wants an answer any more: the part of an AbortSignal that calls need, which every AbortSignal has. */
export interface Cancellation {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** What one request is canceled by. Every request has one and hardly any is canceled, so that it costs next to nothing, as an AbortController does not. */
export class Cancel implements Cancellation {
  aborted = false;
  reason: unknown;
  #listeners: (() => void)[] | undefined;

  /**
   * Tells everybody who listens; only the first time counts. Who stops listening meanwhile is not told any more.
   *
   * @throws what the first listener that threw did, after all were told
   */
  abort(reason: string): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const failures: unknown[] = [];
    // One by one: each may make others leave.
    for (let listener = this.#listeners?.shift(); listener !== undefined; listener = this.#listeners?.shift()) {
      try {
        listener();
      } catch (error) {
        failures.push(error);
      }
    }
    this.#listeners = undefined;
    if (failures.length > 0) throw failures[0];
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.aborted) (this.#listeners ??= []).push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const at = this.#listeners?.indexOf(listener) ?? -1;
    if (at !== -1) this.#listeners?.splice(at, 1);
  }
}
