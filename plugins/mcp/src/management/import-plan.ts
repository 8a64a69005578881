import { createHash } from 'node:crypto';
import { canonicalJson } from '@ai-orchestrator/core/plugin';
import { OrchestratorError, type mcpMethods, type ResultOf } from '@ai-orchestrator/protocol';
import type { ServerConfig } from '../upstream/server-config.js';
import { checkedConfig, type CheckedAgainst } from './checked-config.js';
import { serversOf } from './import-document.js';
import { importedServer, type ImportedServer } from './imported-server.js';
import { shownServer } from './shown-server.js';

type ShownEntry = ResultOf<typeof mcpMethods.mcpImport>['entries'][number];

/** What importing a document would do: what is shown of it, and what would be kept. */
export interface ImportPlan {
  readonly entries: readonly ShownEntry[];
  /** Of what is shown and of every value behind it: confirming it confirms exactly this. */
  readonly digest: string;
  /** New and changed servers. */
  readonly servers: ReadonlyMap<string, ServerConfig>;
}

/** What is there already. */
export interface PresentServers {
  isConfigured(name: string): boolean;
  stored(name: string): ServerConfig | undefined;
}

/**
 * Works out what importing a document would do; nothing is run, and no file is read.
 *
 * @param only names in the document; all unless said
 * @throws OrchestratorError `invalid_params` when the document has no servers, or not those that are wanted
 */
export async function importPlan(
  document: unknown,
  only: readonly string[] | undefined,
  present: PresentServers,
  against: CheckedAgainst,
): Promise<ImportPlan> {
  const all = serversOf(document);
  const unknown = only?.filter((name) => !all.some((entry) => entry.name === name)) ?? [];
  if (unknown.length > 0) {
    const message = `names ${unknown.join(', ')}, and the document has ${all.map(({ name }) => name).join(', ')}`;
    throw new OrchestratorError('invalid_params', `only ${message}`, { issues: [{ path: '/only', message }] });
  }
  const wanted = all.filter(({ name }) => only?.includes(name) ?? true).map(importedServer);
  const entries: ShownEntry[] = [];
  const servers = new Map<string, ServerConfig>();
  const seen = new Set<string>();
  for (const imported of wanted) {
    const { entry, config } = await planned(imported, seen, present, against);
    seen.add(imported.name);
    entries.push(entry);
    if (config !== undefined && entry.outcome !== 'same') servers.set(imported.name, config);
  }
  const digest = createHash('sha256')
    .update(canonicalJson({ entries, servers: [...servers] }))
    .digest('hex');
  return { entries, digest, servers };
}

async function planned(
  { name, from, config: given, reasons: early, ignored }: ImportedServer,
  seen: ReadonlySet<string>,
  present: PresentServers,
  against: CheckedAgainst,
): Promise<{ readonly entry: ShownEntry; readonly config?: ServerConfig }> {
  const reasons = [...early];
  if (seen.has(name)) reasons.push(`another server of the document is called ${name} here: rename one of them`);
  if (present.isConfigured(name)) {
    reasons.push(
      `${name} is in the configuration file (plugins.mcp.config.servers.${name}): change it there, or rename this one`,
    );
  }
  const checked = reasons.length === 0 ? await checkedConfig(name, given, against) : { reasons: [] };
  const about = { name, ...(from !== undefined && { from }), ...(ignored.length > 0 && { ignored: [...ignored] }) };
  if (checked.config === undefined) {
    const shown = given.command === undefined && given.url === undefined ? {} : shownServer(withoutSecrets(given));
    return { entry: { ...about, outcome: 'refuse', ...shown, reasons: [...reasons, ...checked.reasons] } };
  }
  const { config } = checked;
  const earlier = present.stored(name);
  const same = earlier !== undefined && canonicalJson(earlier) === canonicalJson(config);
  const outcome = earlier === undefined ? 'add' : same ? 'same' : 'replace';
  return { entry: { ...about, outcome, ...shownServer(config) }, config };
}

/** What is refused may hold secrets where others are shown: in its arguments and its URL. */
function withoutSecrets({ url, ...rest }: ImportedServer['config']): ImportedServer['config'] {
  return { ...rest, args: [], ...(url !== undefined && { url: URL.canParse(url) ? new URL(url).origin : '' }) };
}
