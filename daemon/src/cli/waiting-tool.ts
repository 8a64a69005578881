import { CommandFailure } from './command-failure.js';
import type { Connection } from './connection.js';

/** A version of a tool. */
export interface ToolVersion {
  readonly name: string;
  readonly version: string;
}

const MOST_PAGES = 100;

/** The version of a tool that waits for approval: `NAME@VERSION`, or the only one that waits. */
export async function waitingTool(daemon: Connection, text: string): Promise<ToolVersion> {
  const [, name = text, version] = /^([^@]+)@(.+)$/.exec(text) ?? [];
  if (version !== undefined) return { name, version };
  const waiting = await versionsThatWait(daemon, name);
  const [first, ...others] = waiting;
  if (first === undefined) {
    throw new CommandFailure(
      'not_found',
      `No definition of ${name} waits for approval.`,
      '"orchestrator tools pending" shows those that do.',
    );
  }
  if (others.length === 0) return { name, version: first };
  throw new CommandFailure(
    'usage',
    `Several versions of ${name} wait: ${waiting.join(', ')}.`,
    `Say which: ${name}@${first}`,
  );
}

async function versionsThatWait(daemon: Connection, name: string): Promise<readonly string[]> {
  const versions: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { entries, cursor: next } = await daemon.call('tool.pending', { limit: 1000, ...(cursor && { cursor }) });
    versions.push(...entries.filter((entry) => entry.name === name).map(({ version }) => version));
    if (next === undefined) break;
    cursor = next;
  }
  return versions;
}
