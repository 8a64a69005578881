import { homedir } from 'node:os';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Data directory of the systemd unit. */
export const SYSTEM_DATA_DIRECTORY = '/var/lib/ai-orchestrator';

/** Data directory where the configuration names none: `$XDG_STATE_HOME/ai-orchestrator`. */
export function defaultDataDirectory(environment: Environment): string {
  const stateHome = environment.XDG_STATE_HOME;
  // Relative paths are to be ignored [XDG Base Directory Specification].
  const base = stateHome?.startsWith('/') ? stateHome : join(environment.HOME ?? homedir(), '.local', 'state');
  return join(base, 'ai-orchestrator');
}

/** Data directory of `orchestrator dev`. */
export function devDataDirectory(environment: Environment): string {
  return join(defaultDataDirectory(environment), 'dev');
}

/** The file that holds the first key, readable by its owner only. */
export function adminKeyPath(dataDirectory: string): string {
  return join(dataDirectory, 'admin.key');
}
