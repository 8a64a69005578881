/** The work on whose behalf a tool is called: a message or task that an agent is at, or a call of one of its tools. */
export interface CallOrigin {
  readonly id: string;
  readonly contextId?: string | undefined;
  readonly traceparent: string | undefined;
  /** Monotonic ms. */
  readonly deadline: number;
}
