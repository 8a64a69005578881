/** What one check found. */
export interface Finding {
  readonly check: string;
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to do; always there unless the verdict is `ok`. */
  readonly advice?: string;
}

/** All is well. */
export function ok(check: string, found: string): Finding {
  return { check, verdict: 'ok', found };
}

/** Works, and should be looked at. */
export function warn(check: string, found: string, advice: string): Finding {
  return { check, verdict: 'warn', found, advice };
}

/** Does not work, or is not safe. */
export function fail(check: string, found: string, advice: string): Finding {
  return { check, verdict: 'fail', found, advice };
}
