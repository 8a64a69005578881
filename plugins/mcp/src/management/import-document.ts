import { OrchestratorError } from '@ai-orchestrator/protocol';

/** A server as a configuration file of some client has it. */
export interface ImportedEntry {
  readonly name: string;
  readonly entry: Readonly<Record<string, unknown>>;
}

/** Where clients keep their servers: most of them, VS Code, and its settings file. */
const PLACES = [['mcpServers'], ['servers'], ['mcp', 'servers'], ['mcp', 'mcpServers']] as const;

/**
 * The servers of a client's configuration.
 *
 * @throws OrchestratorError `invalid_params` when there are none in any of the usual places
 */
export function serversOf(document: unknown): readonly ImportedEntry[] {
  for (const place of PLACES) {
    const servers = place.reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), document);
    if (!isRecord(servers)) continue;
    return Object.entries(servers).map(([name, entry]) => ({ name, entry: isRecord(entry) ? entry : {} }));
  }
  const message = 'has no "mcpServers" (or "servers", as VS Code writes it) with servers in it';
  throw new OrchestratorError('invalid_params', `the configuration ${message}`, {
    issues: [{ path: '/document', message }],
  });
}

/** Whether a value is an object of JSON. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
