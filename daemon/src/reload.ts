import {
  BootError,
  checkRules,
  checkToolRules,
  type Booted,
  type RoleAuthorizer,
  type RuleToolAccess,
  type TokenBuckets,
} from '@ai-orchestrator/core';
import { changesBetween } from './config/changes.js';
import type { Config } from './config/schema.js';
import type { HttpListener } from './http/http-listener.js';
import { readTlsIdentity } from './http/tls-identity.js';
import type { DaemonLog } from './log/daemon-log.js';
import { rateLimits } from './settings.js';
import { pluginConfigs } from './plugin-sources.js';

/** What a reload did. */
export interface Reloaded {
  /** Keys whose new values hold. */
  readonly applied: readonly string[];
  /** Keys whose values hold only after a restart, also those that an earlier reload brought. */
  readonly needRestart: readonly string[];
  /** Plugins that were restarted with new options. */
  readonly plugins: readonly string[];
}

/** What a reload reaches. */
export interface ReloadedParts {
  /** What the daemon was started with: what needs a restart still runs by it. */
  readonly started: Config;
  readonly plugins: Booted;
  readonly http: HttpListener;
  readonly log: DaemonLog;
  readonly env: NodeJS.ProcessEnv;
  readonly authorizer: RoleAuthorizer;
  readonly toolAccess: RuleToolAccess;
  readonly rates: TokenBuckets;
}

/**
 * Applies a new configuration, all that can be applied or nothing: what may refuse (the certificate, the plugins) goes first, what
 * cannot fail follows.
 *
 * @throws BootError when a plugin refuses its options; Error when the certificate cannot be used
 */
export async function reload(before: Config, after: Config, parts: ReloadedParts): Promise<Reloaded> {
  const { started, plugins, http, log, env, authorizer, toolAccess, rates } = parts;
  const changes = changesBetween(before, after);
  const identity = await readTlsIdentity(after.http.tls, env);
  checkRules(after.access);
  checkToolRules(after.tools);
  const configs = pluginConfigs(after);
  const problems = plugins.validate(configs);
  if (problems.length > 0) throw new BootError(problems);
  const { restarted } = await plugins.reload(configs);
  http.reconfigure(after.http, identity);
  if (changes.live.some((key) => key.startsWith('access.'))) authorizer.replace(after.access);
  if (changes.live.some((key) => key.startsWith('tools.'))) toolAccess.replace(after.tools);
  if (changes.live.some((key) => key.startsWith('limits.rate.'))) rates.replace(rateLimits(after));
  if (before.log.level !== after.log.level) log.setLevel(after.log.level);
  return { applied: changes.live, needRestart: changesBetween(started, after).restart, plugins: restarted };
}
