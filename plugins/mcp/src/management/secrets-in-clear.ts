import type { GivenConfig } from './given-config.js';
import { isPlainSecret, plainSecretsOf } from './plain-secret.js';

const ADVICE =
  'holds a secret in the clear: put it into a file that only the user of the daemon can read, and write file:/path/of/it here (or env:NAME, credential:NAME)';

/** Where a configuration holds a secret instead of referring to it, each with what to do; empty when nowhere. */
export function secretsInClear({ args = [], env = {}, headers = {}, url }: GivenConfig): readonly string[] {
  const named = (kind: string, values: Readonly<Record<string, string>>) =>
    Object.entries(values).flatMap(([name, value]) =>
      isPlainSecret(name, value) ? [`${kind} ${name} ${ADVICE}`] : [],
    );
  return [
    ...plainSecretsOf(args).map(
      (i) =>
        `argument ${String(i + 1)} looks like a secret in the clear, which everybody on this machine could see: hand it over in env, as a reference`,
    ),
    ...named('env', env),
    ...named('header', headers),
    ...(url === undefined || !secretInUrl(url)
      ? []
      : ['url holds a secret in the clear: hand it over in headers, as a reference']),
  ];
}

function secretInUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.password !== '' || [...url.searchParams].some(([name, value]) => isPlainSecret(name, value));
}
