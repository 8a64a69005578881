import type { Role } from '@ai-orchestrator/protocol';
import { token } from '../plugin/token.js';
import { SchemaCheck } from './schema-check.js';
import type { JsonObject } from './tools.js';

/** Whom and which tools a rule is about. Members that are not said leave nobody and nothing out; in patterns `*` stands for any characters. */
interface ToolRule {
  /** Patterns of principal ids. */
  readonly principals?: readonly string[];
  readonly roles?: readonly Role[];
  /** Patterns of agent ids: whoever has such an agent registered. */
  readonly agents?: readonly string[];
  /** Patterns of names. */
  readonly tools?: readonly string[];
  /** Patterns of provider ids, such as `mcp/github` or `agent/*`. */
  readonly providers?: readonly string[];
  /** Labels that the tool must have. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Both unless said; who may call may see. */
  readonly actions?: readonly ('see' | 'call')[];
  /** A JSON Schema of the arguments. */
  readonly arguments?: JsonObject;
}

/** Gives tools to somebody. */
export interface ToolGrant extends ToolRule {
  /** Patterns of what tools may need that the holder is given; none unless said. With `arguments`, calls that meet the schema are granted. */
  readonly capabilities?: readonly string[];
}

/** Takes tools from somebody, whatever is granted. With `arguments`, calls that meet the schema. */
export interface ToolForbid extends ToolRule {
  /** Only tools that need one of these. */
  readonly capabilities?: readonly string[];
}

/** A curated list of tools. It grants nothing: it narrows what its user may use anyway. */
export interface ToolSetRule {
  readonly description?: string;
  /** Patterns of names. */
  readonly tools: readonly string[];
  /** Who may use it; patterns of principal ids. Everybody unless said. */
  readonly principals?: readonly string[];
  readonly roles?: readonly Role[];
  /** Patterns of agent ids: whoever has such an agent registered. */
  readonly agents?: readonly string[];
  /** Whether clients are listed its tools, or tools to search and describe them with; `all` unless said. */
  readonly discovery?: 'all' | 'search';
}

/** When somebody has to say yes. */
export interface ToolApproval {
  /** The first definition of a name: believed on first use, or waiting for approval as every later one does. */
  readonly new: 'first-use' | 'always';
  /** Calls of tools whose annotations say destructiveHint: true. */
  readonly destructive: 'ask' | 'allow';
  /** Patterns of names of tools whose calls wait whatever these say of themselves. */
  readonly tools: readonly string[];
  /** Whether who may approve calls may approve calls of their own. */
  readonly ownCalls: boolean;
  /** Other values for some providers; patterns of ids, the first that fits holds. */
  readonly providers: readonly {
    readonly provider: string;
    readonly new?: 'first-use' | 'always';
    readonly destructive?: 'ask' | 'allow';
  }[];
}

/** Who may use which tools, as data. */
export interface ToolRules {
  readonly grants: readonly ToolGrant[];
  readonly forbids: readonly ToolForbid[];
  readonly sets: Readonly<Record<string, ToolSetRule>>;
  readonly approval: ToolApproval;
}
/** Token of {@link ToolRules}. */
export const ToolRules = token<ToolRules>('tool-rules');

/** {@link ToolRules} unless configured. */
export const DEFAULT_TOOL_RULES: ToolRules = {
  grants: [],
  forbids: [],
  sets: {},
  approval: { new: 'first-use', destructive: 'ask', tools: [], ownCalls: false, providers: [] },
};

const ARGUMENT_SCHEMAS = { schemaNodes: 1_000, depth: 32 };

/** @throws Error naming the first rule whose schema of arguments is none */
export function checkToolRules({ grants, forbids }: ToolRules): void {
  const check = new SchemaCheck(ARGUMENT_SCHEMAS);
  for (const [name, rules] of Object.entries({ grants, forbids })) {
    rules.forEach((rule, i) => {
      const issue = rule.arguments === undefined ? undefined : check.issues(rule.arguments)[0];
      if (issue === undefined) return;
      throw new Error(`tools.${name}[${String(i)}].arguments${issue.path} ${issue.message}; write a JSON Schema`);
    });
  }
}
