import type { DefinitionCheck } from './definition-check.js';
import { ReservedNames } from './reserved-names.js';
import type { ToolLimits } from './tool-limits.js';
import type { ToolRecords } from './tool-records.js';
import type { RefusedDefinition, ToolDefinition, ToolProvider } from './tools.js';

/** A definition that was not taken. */
export interface Refused extends RefusedDefinition {
  /** Because its name belongs to another provider. */
  readonly isTaken: boolean;
}

/** What of a provider's definitions can be taken at all; whether it has to be approved first is another matter. */
export function sortOffer(
  provider: ToolProvider,
  definitions: readonly ToolDefinition[],
  records: ToolRecords,
  check: DefinitionCheck,
  limits: ToolLimits,
): { readonly wanted: readonly ToolDefinition[]; readonly refused: readonly Refused[] } {
  const { toolsPerProvider, versionsPerProvider, versionsPerTool } = limits;
  const { id } = provider;
  const reserved = new ReservedNames(records, provider);
  const wanted: ToolDefinition[] = [];
  const refused: Refused[] = [];
  const seen = new Set<string>();
  const fresh = new Map<string, number>();
  let remembered = records.of(id).size;
  const problem = (definition: ToolDefinition): string | undefined => {
    const { name, version } = definition;
    const versions = records.versions(name);
    if (seen.has(`${name} ${version}`)) return 'it is there twice';
    if (wanted.length >= toolsPerProvider) {
      return `a provider has at most ${String(toolsPerProvider)} (limits.tools.toolsPerProvider)`;
    }
    if (records.get(name, version) !== undefined) return check.problem(definition);
    const own = versions.length + (fresh.get(name) ?? 0);
    if (own >= versionsPerTool) {
      return `a tool has at most ${String(versionsPerTool)} versions (limits.tools.versionsPerTool); remove old ones with tool.remove`;
    }
    if (remembered >= versionsPerProvider) {
      return `at most ${String(versionsPerProvider)} versions of a provider are remembered (limits.tools.versionsPerProvider); remove old ones with tool.remove`;
    }
    const wrong = check.problem(definition);
    if (wrong === undefined) {
      remembered++;
      fresh.set(name, (fresh.get(name) ?? 0) + 1);
    }
    return wrong;
  };
  for (const definition of definitions) {
    const { name, version } = definition;
    const holder = records.versions(name)[0]?.stored.provider;
    const owner = holder ?? reserved.ownerOf(name) ?? id;
    const isTaken = owner !== id;
    const reason = !isTaken
      ? problem(definition)
      : holder === undefined
        ? `the name begins as those of ${owner} do; begin it with something else`
        : `the name belongs to ${owner}; give one of both a prefix, or remove the other's tool`;
    if (reason !== undefined) {
      refused.push({ name: name.slice(0, 128), version: version.slice(0, 64), reason, isTaken });
      continue;
    }
    wanted.push(definition);
    seen.add(`${name} ${version}`);
  }
  return { wanted, refused };
}
