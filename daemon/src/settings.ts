import { DEFAULT_ACCESS_RULES, DEFAULT_LOOP_LAG, type CoreSettings } from '@ai-orchestrator/core';
import type { Log } from '@ai-orchestrator/core/plugin';
import { createHash } from 'node:crypto';
import type { Config } from './config/schema.js';
import { packageVersion } from './version.js';

/** The configuration in the core's terms. */
export function coreSettings(config: Config, dataDirectory: string, log: Log): CoreSettings {
  const { rpc, rate, authentication, instruments, programs } = config.limits;
  return {
    log,
    identity: { version: packageVersion(), node: config.node },
    dataDirectory: { path: dataDirectory },
    accessRules: DEFAULT_ACCESS_RULES,
    instruments,
    loopLag: { ...DEFAULT_LOOP_LAG, unhealthyMs: Math.min(DEFAULT_LOOP_LAG.unhealthyMs, config.overload.loopStallMs) },
    authentication,
    rates: { ...rate, roles: {} },
    rpc,
    // The same for the same data directory, so that a start finds what an earlier one left behind.
    supervisor: { ...programs, identity: createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16) },
  };
}
