/** How often a fault is injected: the short count on every change, the long one with `FAULTS=full`. */
export function loops(short: number, long: number): number {
  return process.env.FAULTS === 'full' ? long : short;
}

/** Waits. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
