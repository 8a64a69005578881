import { DEFAULT_LOOP_LAG, type CoreSettings, type RateLimits } from '@ai-orchestrator/core';
import type { Log } from '@ai-orchestrator/core/plugin';
import { createHash } from 'node:crypto';
import type { Config } from './config/schema.js';
import { packageVersion } from './version.js';

/** The configuration in the core's terms. */
export function coreSettings(config: Config, dataDirectory: string, log: Log): CoreSettings {
  const { rpc, authentication, instruments, programs } = config.limits;
  return {
    log,
    identity: { version: packageVersion(), node: config.node },
    dataDirectory: { path: dataDirectory },
    accessRules: config.access,
    toolRules: config.tools,
    instruments,
    loopLag: { ...DEFAULT_LOOP_LAG, unhealthyMs: Math.min(DEFAULT_LOOP_LAG.unhealthyMs, config.overload.loopStallMs) },
    authentication,
    rates: rateLimits(config),
    rpc,
    // The same for the same data directory, so that a start finds what an earlier one left behind.
    supervisor: { ...programs, identity: createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16) },
  };
}

/** The rates of the configuration; no role has one of its own. */
export function rateLimits(config: Config): RateLimits {
  return { ...config.limits.rate, roles: {} };
}
