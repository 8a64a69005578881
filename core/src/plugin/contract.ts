import { late } from '../host/late.js';
import { PLUGIN_CONTRACT } from './plugin.js';

/**
 * Why a plugin of this contract version cannot run here; `undefined` when it can: same major, no later minor.
 *
 * @param wanted the plugin's `contract`
 * @param offered the contract of this daemon
 */
export function contractRefusal(wanted: string, offered: string = PLUGIN_CONTRACT): string | undefined {
  if (wanted === offered && offered === PLUGIN_CONTRACT) return undefined;
  const semver = late.semver();
  const want = semver.parse(wanted);
  const have = semver.parse(offered);
  if (have === null) throw new RangeError(`"${offered}" is not a semantic version`);
  if (want === null) {
    return `says contract "${wanted}", which is not a semantic version: make it with definePlugin of @ai-orchestrator/core/plugin`;
  }
  if (want.major > have.major || (want.major === have.major && want.minor > have.minor)) {
    return `needs plugin contract ${wanted}, this daemon has ${offered}: update the daemon, or install an older version of the plugin`;
  }
  if (want.major < have.major) {
    return `was written for plugin contract ${wanted}, this daemon has ${offered}: install a version of the plugin for contract ${have.major}.x`;
  }
  return undefined;
}
