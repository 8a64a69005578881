import pc from 'picocolors';

/** Colours for words, or none. */
export interface Style {
  readonly enabled: boolean;
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
  /** A state in the colour of its kind: going well, waiting, gone, broken. */
  state(state: string): string;
}

const GOOD = new Set([
  'ready',
  'running',
  'started',
  'active',
  'open',
  'success',
  'healthy',
  'valid',
  'ok',
  'yes',
  'completed',
  'handled',
]);
const WAITING = new Set([
  'registered',
  'busy',
  'draining',
  'starting',
  'stopping',
  'backoff',
  'degraded',
  'skipped',
  'warn',
  'pending',
  'submitted',
  'working',
  'input-required',
  'auth-required',
  'erasing',
  'queued',
  'delayed',
  'in flight',
]);
const GONE = new Set(['offline', 'stopped', 'deregistered', 'revoked', 'expired', 'closed', 'canceled', 'erased']);

/** @param enabled whether to colour at all; see {@link wantsColour} */
export function style(enabled: boolean): Style {
  const colours = pc.createColors(enabled);
  return {
    enabled,
    bold: (text) => colours.bold(text),
    dim: (text) => colours.dim(text),
    red: (text) => colours.red(text),
    green: (text) => colours.green(text),
    yellow: (text) => colours.yellow(text),
    cyan: (text) => colours.cyan(text),
    state(state) {
      if (GOOD.has(state)) return colours.green(state);
      if (WAITING.has(state)) return colours.yellow(state);
      if (GONE.has(state)) return colours.dim(state);
      return colours.red(state);
    },
  };
}

/**
 * Whether a stream gets colours: never with NO_COLOR (https://no-color.org) or `--no-color`, always with FORCE_COLOR, otherwise on a
 * terminal that is not `dumb`.
 */
export function wantsColour(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  if (argv.includes('--no-color') || (environment.NO_COLOR ?? '') !== '') return false;
  const forced = environment.FORCE_COLOR;
  if (forced !== undefined && forced !== '' && forced !== '0') return true;
  return isTerminal && environment.TERM !== 'dumb';
}
