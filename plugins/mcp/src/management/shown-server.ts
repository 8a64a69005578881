import type { GivenConfig } from './given-config.js';
import { isReference } from './plain-secret.js';

/** What would run, or be called, for a configuration: names of variables and headers, and no value that may be a secret. */
export function shownServer({
  command,
  args,
  env = {},
  workingDirectory,
  url,
  headers = {},
  authorization,
}: GivenConfig) {
  const { clientSecret = '', clientKey = '' } = authorization ?? {};
  const values = [...Object.values(env), ...Object.values(headers), clientSecret, clientKey];
  const references = values.filter(isReference);
  return {
    transport: url === undefined ? ('stdio' as const) : ('http' as const),
    ...(command !== undefined && { command }),
    ...(args !== undefined && args.length > 0 && { args: [...args] }),
    ...(Object.keys(env).length > 0 && { env: Object.keys(env) }),
    ...(workingDirectory !== undefined && { workingDirectory }),
    ...(url !== undefined && { url }),
    ...(Object.keys(headers).length > 0 && { headers: Object.keys(headers) }),
    ...(references.length > 0 && { references: [...new Set(references)] }),
  };
}
