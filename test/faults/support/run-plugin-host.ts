import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What a host of plugins came to. */
export interface HostOutcome {
  readonly report: readonly { readonly id: string; readonly state: string; readonly reason?: string }[];
  readonly counted: readonly (readonly [string, string, number])[];
  readonly logged: readonly { readonly plugin?: string; readonly message: string }[];
  readonly diary: readonly unknown[];
}

/** Runs plugins in a process of their own for a while; throws when that process ends by an error. */
export async function runPluginHost(files: Readonly<Record<string, string>>, lifeMs: number): Promise<HostOutcome> {
  const host = fileURLToPath(new URL('plugin-host.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [host, JSON.stringify(files), String(lifeMs)]);
  return JSON.parse(stdout) as HostOutcome;
}
