import type { ToolExchange } from '../tools.js';
import type { Approval } from './approval-book.js';

type Progress = NonNullable<ToolExchange['progress']>;

/** So small that a provider's own progress, which comes after, is more than all the notices were. */
const STEP = 1e-6;

/** Tells a caller that wants progress what its call waits for, before a provider has any to tell. */
export class ApprovalNotices {
  #last = -Infinity;

  constructor(private readonly tell: Progress) {}

  /** The call waits for a human, still. */
  readonly waits = ({ id, expiresAt }: Approval): void => {
    this.#last = Math.max(this.#last, 0) + STEP;
    const until = new Date(expiresAt).toISOString();
    this.tell({ progress: this.#last, message: `waits for approval ${id}, which can be given until ${until}` });
  };

  /** What the provider tells afterwards; without what is no more than was told [MCP 2025-11-25, progress: the value MUST increase]. */
  readonly afterwards: Progress = (told) => {
    if (told.progress <= this.#last) return;
    this.#last = told.progress;
    this.tell(told);
  };
}
