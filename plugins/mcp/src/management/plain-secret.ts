import { SECRET_REFERENCE } from '@ai-orchestrator/core/plugin';

/** Names under which secrets are handed over. */
const TELLING_NAME =
  /(?:^|[_\-.\s])(?:token|secret|passw(?:or)?d|passphrase|pat|pwd|credentials?|auth(?:orization)?|cookie|dsn|(?:api|access|private|secret|subscription)[_-]?key|key)$|^(?:x-)?api-?key$|(?:token|secret|password|apikey)$/i;

/** How keys of well-known services begin. */
const TELLING_VALUE =
  /^(?:gh[pousr]_|github_pat_|glpat-|sk-|sk_(?:live|test)_|rk_live_|xox[abeprs]-|AKIA|ASIA|AIza|ya29\.|eyJ[A-Za-z0-9_-]{10,}\.|npm_|pypi-|dop_v1_|hf_|orc_|lin_api_|ntn_|secret_|SG\.|Bearer |Basic )|-----BEGIN [A-Z ]*PRIVATE KEY/;

/** A URL with a password in it. */
const PASSWORD_IN_URL = /^[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:[^\s/@]+@/i;

/** As long as a key, and as random as one: letters and digits without anything that a person would write. */
const RANDOM = /^(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_\-+/=]{32,}$/;
const HEXADECIMAL_ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Whether a value names a secret instead of being one. */
export function isReference(value: string): boolean {
  return SECRET_REFERENCE.test(value);
}

/** Whether a value under a name is, as far as can be told, a secret in the clear. Errs on the side of a secret. */
export function isPlainSecret(name: string, value: string): boolean {
  if (value === '' || isReference(value)) return false;
  if (TELLING_VALUE.test(value) || PASSWORD_IN_URL.test(value)) return true;
  if (TELLING_NAME.test(name)) return !/^(?:true|false|\d{1,4})$/.test(value);
  return RANDOM.test(value) && !HEXADECIMAL_ID.test(value) && !value.includes('/');
}

/** Where an argument of a command line holds a secret: `--token=VALUE`, `--api-key VALUE`, or a value that looks like one. */
export function plainSecretsOf(args: readonly string[]): readonly number[] {
  return args.flatMap((arg, i) => {
    const [, name, value] = /^--?([A-Za-z][\w-]*)=(.*)$/s.exec(arg) ?? [];
    if (name !== undefined && value !== undefined) return isPlainSecret(name, value) ? [i] : [];
    const [, option] = /^--?([A-Za-z][\w-]*)$/.exec(args[i - 1] ?? '') ?? [];
    return isPlainSecret(option ?? '', arg.startsWith('-') ? '' : arg) ? [i] : [];
  });
}
