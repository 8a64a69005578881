import { late } from '../host/late.js';
import { SchemaCheck } from './schema-check.js';
import type { ToolLimits } from './tool-limits.js';
import type { ToolDefinition } from './tools.js';

const NAME = /^[A-Za-z0-9_.\-/]{1,128}$/;
const CAPABILITY = /^[a-z][a-z0-9-]{0,63}(?::[A-Za-z0-9_.-]{1,64})?$/;
const VERSION_CHARACTERS = 64;
const MAX_CAPABILITIES = 32;
const MAX_LABELS = 32;

/** What a definition must keep to, whoever it is of. */
export class DefinitionCheck {
  readonly #schemas: SchemaCheck;

  constructor(private readonly limits: ToolLimits) {
    this.#schemas = new SchemaCheck(limits);
  }

  /** What is wrong, and what to do; `undefined` when nothing is. */
  problem(definition: ToolDefinition): string | undefined {
    const { name, version, inputSchema, outputSchema, capabilities = [], labels = {} } = definition;
    if (!NAME.test(name)) return 'a name has 1 to 128 letters, digits, "_", "-", "." and "/"';
    if (version.length > VERSION_CHARACTERS || late.semver().valid(version) !== version) {
      return 'a version is semantic, such as 1.2.0';
    }
    // Before its text is made, which is deep where the value is.
    if (deeperThan(definition, this.limits.depth)) return `it is deeper than ${String(this.limits.depth)} levels`;
    if (Buffer.byteLength(JSON.stringify(definition)) > this.limits.definitionBytes) {
      return `it has more than ${String(this.limits.definitionBytes)} bytes as JSON; shorten it, or raise limits.tools.definitionBytes`;
    }
    if (capabilities.length > MAX_CAPABILITIES || !capabilities.every((each) => CAPABILITY.test(each))) {
      return `capabilities are at most ${String(MAX_CAPABILITIES)} names such as network or secrets:github`;
    }
    if (Object.keys(labels).length > MAX_LABELS) return `it has more than ${String(MAX_LABELS)} labels`;
    if (inputSchema.type !== 'object') return '/inputSchema/type must be "object"';
    for (const [member, schema] of Object.entries({ inputSchema, outputSchema })) {
      const [issue] = schema === undefined ? [] : this.#schemas.issues(schema);
      if (issue !== undefined) return `/${member}${issue.path} ${issue.message}`;
    }
    return undefined;
  }
}

function deeperThan(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  return levels === 0 || Object.values(value).some((member) => deeperThan(member, levels - 1));
}
