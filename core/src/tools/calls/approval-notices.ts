import type { ToolExchange } from '../tools.js';
import type { Approval } from './approval-book.js';

type Progress = NonNullable<ToolExchange['progress']>;

/** So small that a provider's own progress, which comes after, is more than all the notices were. */
const STEP = 1e-6;

/** Tells a caller that wants progress what its call waits for, before a provider has any to tell. */
export class ApprovalNotices {
  /** What the caller was told last, and the provider last told. */
  #last = -Infinity;
  #lastOfProvider = -Infinity;

  constructor(private readonly tell: Progress) {}

  /** The call waits for a human, still. */
  readonly waits = ({ id, expiresAt }: Approval): void => {
    this.#last = Math.max(this.#last, 0) + STEP;
    const until = new Date(expiresAt).toISOString();
    this.tell({ progress: this.#last, message: `waits for approval ${id}, which can be given until ${until}` });
  };

  /**
   * What the provider tells afterwards, without what is no more than it told before; its beginning is told as a little more than all the
   * notices were [MCP 2025-11-25, progress: the value MUST increase].
   */
  readonly afterwards: Progress = (told) => {
    if (told.progress <= this.#lastOfProvider) return;
    this.#lastOfProvider = told.progress;
    this.#last = told.progress > this.#last ? told.progress : this.#last + STEP;
    this.tell(this.#last === told.progress ? told : { ...told, progress: this.#last });
  };
}
