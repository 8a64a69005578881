import {
  compileSchema,
  DEFAULT_TOOL_RULES,
  type ToolForbid,
  type ToolGrant,
  type ToolSetRule,
} from '@ai-orchestrator/core';
import { ROLES } from '@ai-orchestrator/protocol';
import { choice, flag, list, object, objects, type JsonSchema, type Misfit } from './leaf.js';
import { unknownKey } from './unknown-key.js';

const MAX_RULES = 1_000;
const { approval } = DEFAULT_TOOL_RULES;

const patterns = { type: 'array', maxItems: 256, items: { type: 'string', minLength: 1, maxLength: 256 } };
const roles = { type: 'array', maxItems: ROLES.length, items: { type: 'string', enum: ROLES } };
const rule = {
  type: 'object',
  additionalProperties: false,
  properties: {
    principals: patterns,
    roles,
    agents: patterns,
    tools: patterns,
    providers: patterns,
    labels: { type: 'object', maxProperties: 32, additionalProperties: { type: 'string' } },
    actions: { type: 'array', maxItems: 2, items: { type: 'string', enum: ['see', 'call'] } },
    capabilities: patterns,
    arguments: { type: 'object' },
  },
};
const sets = {
  type: 'object',
  maxProperties: MAX_RULES,
  propertyNames: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,63}$' },
  additionalProperties: {
    type: 'object',
    additionalProperties: false,
    required: ['tools'],
    properties: {
      description: { type: 'string', maxLength: 2048 },
      tools: patterns,
      principals: patterns,
      roles,
      agents: patterns,
      discovery: { type: 'string', enum: ['all', 'search'] },
    },
  },
};
const provider = {
  type: 'object',
  additionalProperties: false,
  required: ['provider'],
  properties: {
    provider: { type: 'string', minLength: 1, maxLength: 256 },
    new: { type: 'string', enum: ['first-use', 'always'] },
    destructive: { type: 'string', enum: ['ask', 'allow'] },
  },
};

/** What is wrong in a rule; the validator is made by the first rule of a configuration, because most have none. */
function fits(schema: JsonSchema): (value: object) => Misfit | undefined {
  let validate: ReturnType<typeof compileSchema> | undefined;
  return (value) => {
    validate ??= compileSchema(schema, 1);
    const [issue] = validate(value) ?? [];
    if (issue === undefined) return undefined;
    const at = issue.path
      .split('/')
      .slice(1)
      .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
    const strange = at.at(-1);
    const known = strange === undefined ? [] : membersAt(schema, at.slice(0, -1));
    const unknown = strange !== undefined && known.length > 0 && !known.includes(strange);
    return { at, text: unknown ? unknownKey(strange, known, []) : issue.message };
  };
}

/** The names of the members that a schema knows at a place. */
function membersAt(schema: JsonSchema, at: readonly string[]): string[] {
  const [name, ...rest] = at;
  const { properties = {}, additionalProperties } = schema as Readonly<Record<string, Record<string, JsonSchema>>>;
  if (name === undefined) return Object.keys(properties);
  const next = properties[name] ?? additionalProperties;
  return typeof next === 'object' ? membersAt(next, rest) : [];
}

const WHOM =
  'whom (principals, roles, agents), which tools (tools, providers, labels; * stands for any characters), actions (see, call), a JSON Schema of arguments';

/** Who may use which tools; applied on SIGHUP, also to who is connected. */
export const tools = {
  grants: objects<ToolGrant>({
    doc: `Tools that are given: ${WHOM}, and capabilities that calls may use. Admins and operators need none.`,
    default: [],
    maxItems: MAX_RULES,
    schema: rule,
    check: fits(rule),
    reload: 'live',
  }),
  forbids: objects<ToolForbid>({
    doc: `Tools that are taken away whatever is granted, also from admins: ${WHOM}; with capabilities, only tools that need one of them.`,
    default: [],
    maxItems: MAX_RULES,
    schema: rule,
    check: fits(rule),
    reload: 'live',
  }),
  sets: object<Readonly<Record<string, ToolSetRule>>>({
    doc: 'Curated lists of tools by name: description, tools (patterns), principals, roles and agents that may use it, discovery (all, search). A set narrows what its user may use anyway.',
    default: {},
    schema: sets,
    check: fits(sets),
    reload: 'live',
  }),
  approval: {
    new: choice({
      doc: 'The first definition of a tool: believed on first use, or waiting for approval as every later one does.',
      default: approval.new,
      values: ['first-use', 'always'],
      reload: 'live',
    }),
    destructive: choice({
      doc: 'Calls of tools that say that they destroy something: wait for a human, or go ahead.',
      default: approval.destructive,
      values: ['ask', 'allow'],
      reload: 'live',
    }),
    tools: list({
      doc: 'Tools whose calls wait for a human whatever they say of themselves; patterns of names.',
      default: approval.tools,
      maxItems: MAX_RULES,
      reload: 'live',
    }),
    ownCalls: flag({
      doc: 'Whether who may approve calls may approve their own.',
      default: approval.ownCalls,
      reload: 'live',
    }),
    providers: objects<(typeof approval.providers)[number]>({
      doc: 'Other values of new and destructive for some providers; provider is a pattern, the first that fits holds.',
      default: [],
      maxItems: MAX_RULES,
      schema: provider,
      check: fits(provider),
      reload: 'live',
    }),
  },
} as const;
