import { SERVER_ID } from '../upstream/server-config.js';
import type { GivenConfig } from './given-config.js';
import { isRecord, type ImportedEntry } from './import-document.js';

/** A server of a client's configuration in our terms. */
export interface ImportedServer {
  readonly name: string;
  /** Its name there, where that is none here. */
  readonly from?: string;
  readonly config: GivenConfig;
  /** Why it cannot be taken over, each with what to do. */
  readonly reasons: readonly string[];
  /** Keys that mean nothing here. */
  readonly ignored: readonly string[];
}

const UNDERSTOOD = new Set([
  'command',
  'args',
  'env',
  'cwd',
  'type',
  'transport',
  'url',
  'serverUrl',
  'httpUrl',
  'headers',
  'disabled',
  'enabled',
]);
const OLD_SSE =
  'speaks the old HTTP+SSE transport, which is not supported: use its streamable HTTP URL, often /mcp instead of /sse';

/** What an entry of a client's configuration means here; nothing is run, read or looked up. */
export function importedServer({ name: from, entry }: ImportedEntry): ImportedServer {
  const reasons: string[] = [];
  const name = nameFor(from);
  if (name === undefined) reasons.push(`"${from}" has no letter or digit to make a name of: rename it`);
  const url = [entry.url, entry.serverUrl, entry.httpUrl].find((value) => typeof value === 'string');
  const kind = entry.type ?? entry.transport;
  if (kind === 'sse') reasons.push(OLD_SSE);
  if (entry.disabled === true || entry.enabled === false)
    reasons.push('is switched off there: switch it on, or add it by hand');
  if (entry.command === undefined && url === undefined) reasons.push('has neither a command nor a url');
  const text = (key: string, value: unknown): string | undefined => {
    if (value === undefined) return undefined;
    if (typeof value !== 'string') reasons.push(`${key} is no text`);
    else if (value.includes('${'))
      reasons.push(`${key} has ${placeholderOf(value)}, which only the client knows: write what it stands for`);
    else return value;
    return undefined;
  };
  const texts = (key: string, values: unknown): Record<string, string> | undefined => {
    if (values === undefined) return undefined;
    if (!isRecord(values)) reasons.push(`${key} is no object of texts`);
    const known = Object.entries(isRecord(values) ? values : {}).flatMap(([member, value]) => {
      const reference = typeof value === 'string' ? environmentOf(value) : undefined;
      const plain = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
      const kept = reference ?? text(`${key} ${member}`, plain);
      return kept === undefined ? [] : [[member, kept]];
    });
    return Object.fromEntries(known) as Record<string, string>;
  };
  if (entry.args !== undefined && !Array.isArray(entry.args)) reasons.push('args is no list');
  const args = (Array.isArray(entry.args) ? (entry.args as unknown[]) : []).flatMap(
    (value, i) => text(`argument ${String(i + 1)}`, value) ?? [],
  );
  const command = text('command', entry.command);
  const address = text('url', url);
  const headers = texts('headers', entry.headers);
  const env = texts('env', entry.env);
  const workingDirectory = text('cwd', entry.cwd);
  const config: GivenConfig = {
    ...(command !== undefined && { command, args, ...(env && { env }), ...(workingDirectory && { workingDirectory }) }),
    ...(command === undefined && address !== undefined && { url: address, ...(headers && { headers }) }),
  };
  const ignored = Object.keys(entry).filter((key) => !UNDERSTOOD.has(key));
  return { name: name ?? from, ...(name !== undefined && name !== from && { from }), config, reasons, ignored };
}

/** `${NAME}` and `${env:NAME}` as a reference to a variable of the daemon's environment. */
function environmentOf(value: string): string | undefined {
  const [, name] = /^\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(value) ?? [];
  return name === undefined ? undefined : `env:${name}`;
}

function placeholderOf(value: string): string {
  return /\$\{[^}]*\}?/.exec(value)?.[0] ?? value;
}

/** The nearest name that a server can have here. */
function nameFor(name: string): string | undefined {
  if (new RegExp(SERVER_ID).test(name)) return name;
  const near = name
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
    .slice(0, 63);
  return near === '' ? undefined : near;
}
