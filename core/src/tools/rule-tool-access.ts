import { LRUCache } from 'lru-cache';
import { inject, injectable } from 'tsyringe';
import { AgentOwners } from '../agents/agent-owners.js';
import { Authorizer } from '../permissions/authorizer.js';
import type { Principal } from '../permissions/principal.js';
import { fits, fitsAny } from './glob.js';
import { keyOf } from './principal-key.js';
import type { CoveredArguments, ToolAccess, ToolUse } from './tool-access.js';
import { checkToolRules, ToolRules } from './tool-rules.js';
import type { ToolApproval, ToolForbid, ToolGrant, ToolSetRule } from './tool-rules.js';
import type { JsonObject, ToolDefinition } from './tools.js';

/** Principals whose uses are remembered. */
const REMEMBERED = 1_024;
const NOTHING: ToolUse = {
  see: false,
  call: false,
  capabilities: new Set(),
  anyArguments: true,
  covered: [],
  noneOf: [],
};
const EVERY_TOOL: ReadonlySet<string> = new Set(['admin', 'operator']);

/** What is known of one principal until the rules change. */
interface Known {
  readonly principalId: string;
  /** Rules that concern it. */
  readonly grants: readonly ToolGrant[];
  readonly forbids: readonly ToolForbid[];
  readonly uses: WeakMap<Tool, ToolUse>;
}

interface Tool {
  readonly definition: ToolDefinition;
  readonly provider: string;
}

/**
 * Decides by the rules of the configuration, where the authorizer gives `tool:read` and `tool:call` at all. Admins and operators need no
 * grant; what a rule forbids is denied even to them.
 */
@injectable()
export class RuleToolAccess implements ToolAccess {
  #rules: ToolRules;
  /** Patterns of agent ids that rules name. */
  #agents: readonly string[];
  #version = 1;
  #known = new LRUCache<string, Known>({ max: REMEMBERED });
  readonly #listeners = new Set<(principalId?: string) => void>();

  /** @throws Error naming the first rule that is none */
  constructor(
    @inject(ToolRules) rules: ToolRules,
    @inject(Authorizer) private readonly authorizer: Authorizer,
    @inject(AgentOwners) private readonly owners: AgentOwners,
  ) {
    checkToolRules(rules);
    this.#rules = rules;
    this.#agents = agentsIn(rules);
    // Lives as long as these.
    authorizer.onChanged(() => this.#changed());
    owners.onChanged((agentId, principalId) => {
      if (fitsAny(this.#agents, agentId)) this.#changedFor(principalId);
    });
  }

  get version(): number {
    return this.#version;
  }

  onChanged(listener: (principalId?: string) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /**
   * Puts other rules in force at once.
   *
   * @throws Error naming the first rule that is none; the old ones then stay
   */
  replace(rules: ToolRules): void {
    checkToolRules(rules);
    this.#rules = rules;
    this.#agents = agentsIn(rules);
    this.#changed();
  }

  admits(principal: Principal): boolean {
    return this.authorizer.authorize(principal, 'tool:read').allowed;
  }

  of(principal: Principal, tool: Tool): ToolUse {
    if (!this.admits(principal)) return NOTHING;
    const known = this.#of(principal);
    let use = known.uses.get(tool);
    if (use === undefined) known.uses.set(tool, (use = this.#decide(principal, tool, known)));
    return use;
  }

  mayUse(principal: Principal, provider: string): boolean {
    const isWhole = (rule: ToolGrant): boolean =>
      rule.tools === undefined &&
      rule.labels === undefined &&
      rule.arguments === undefined &&
      this.#concerns(rule, principal) &&
      fitsAny(rule.providers, provider);
    const { grants, forbids } = this.#rules;
    if (forbids.some((rule) => isWhole(rule) && rule.capabilities === undefined)) return false;
    const everything = principal.roles.some((role) => EVERY_TOOL.has(role));
    return (
      (everything || grants.some((rule) => isWhole(rule) && does(rule, 'call'))) &&
      this.authorizer.authorize(principal, 'tool:call', `provider/${provider}`).allowed
    );
  }

  set(principal: Principal, name: string): ToolSetRule | undefined {
    const { sets } = this.#rules;
    const set = Object.hasOwn(sets, name) ? sets[name] : undefined;
    return set !== undefined && this.#concerns(set, principal) ? set : undefined;
  }

  sets(principal: Principal): readonly (ToolSetRule & { readonly name: string })[] {
    return Object.entries(this.#rules.sets)
      .filter(([, set]) => this.#concerns(set, principal))
      .map(([name, set]) => ({ ...set, name }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  approval(provider: string): Omit<ToolApproval, 'providers'> {
    const general = this.#rules.approval;
    const { providers, tools, ownCalls } = general;
    const { new: first = general.new, destructive = general.destructive } =
      providers.find((each) => fits(each.provider, provider)) ?? general;
    return { new: first, destructive, tools, ownCalls };
  }

  #concerns({ principals, roles, agents }: Pick<ToolGrant, 'principals' | 'roles' | 'agents'>, of: Principal): boolean {
    return (
      fitsAny(principals, of.id) &&
      (roles === undefined || of.roles.some((role) => roles.includes(role))) &&
      (agents === undefined || [...this.owners.of(of.id)].some((id) => fitsAny(agents, id)))
    );
  }

  #of(principal: Principal): Known {
    const key = keyOf(principal);
    let known = this.#known.get(key);
    if (known === undefined) {
      const ofThem = (rule: ToolGrant): boolean => this.#concerns(rule, principal);
      const { grants, forbids } = this.#rules;
      known = {
        principalId: principal.id,
        grants: grants.filter(ofThem),
        forbids: forbids.filter(ofThem),
        uses: new WeakMap(),
      };
      this.#known.set(key, known);
    }
    return known;
  }

  #decide(principal: Principal, tool: Tool, known: Known): ToolUse {
    const resource = `tool/${tool.definition.name}`;
    if (!this.authorizer.authorize(principal, 'tool:read', resource).allowed) return NOTHING;
    const forbids = known.forbids.filter((rule) => about(rule, tool) && needsOne(rule, tool));
    const forbidden = (action: 'see' | 'call') =>
      forbids.some((rule) => rule.arguments === undefined && does(rule, action));
    const everything = principal.roles.some((role) => EVERY_TOOL.has(role));
    const grants = known.grants.filter((rule) => about(rule, tool));
    if (forbidden('see') || (!everything && grants.length === 0)) return NOTHING;
    const calls = grants.filter((rule) => does(rule, 'call'));
    const mayCall =
      (everything || calls.length > 0) &&
      !forbidden('call') &&
      this.authorizer.authorize(principal, 'tool:call', resource).allowed;
    const free = calls.filter((rule) => rule.arguments === undefined);
    return {
      see: true,
      call: mayCall,
      capabilities: everything ? 'all' : given(free, tool),
      anyArguments: everything || free.length > 0,
      covered: everything ? [] : calls.flatMap((rule) => coveredBy(rule, tool)),
      noneOf: schemasOf(forbids.filter((rule) => does(rule, 'call'))),
    };
  }

  #changed(): void {
    this.#version++;
    this.#known = new LRUCache({ max: REMEMBERED });
    for (const listener of this.#listeners) listener();
  }

  /** Agents come by the thousand: one that comes or goes costs none but its own principal what is remembered. */
  #changedFor(principalId: string): void {
    this.#version++;
    for (const [key, known] of [...this.#known.entries()])
      if (known.principalId === principalId) this.#known.delete(key);
    for (const listener of this.#listeners) listener(principalId);
  }
}

function agentsIn({ grants, forbids, sets }: ToolRules): readonly string[] {
  return [...grants, ...forbids, ...Object.values(sets)].flatMap(({ agents = [] }) => agents);
}

function about({ tools, providers, labels }: ToolGrant, { definition, provider }: Tool): boolean {
  return (
    fitsAny(providers, provider) &&
    fitsAny(tools, definition.name) &&
    Object.entries(labels ?? {}).every(([name, value]) => definition.labels?.[name] === value)
  );
}

function does({ actions = ['see', 'call'] }: ToolGrant, action: 'see' | 'call'): boolean {
  return actions.includes(action);
}

function needsOne({ capabilities }: ToolForbid, { definition }: Tool): boolean {
  return (
    capabilities === undefined ||
    (definition.capabilities ?? []).some((capability) => fitsAny(capabilities, capability))
  );
}

/** Of what the tool needs, what the grants give. */
function given(grants: readonly ToolGrant[], { definition }: Tool): ReadonlySet<string> {
  const patterns = grants.flatMap(({ capabilities = [] }) => capabilities);
  return new Set(
    (definition.capabilities ?? []).filter((capability) => patterns.some((each) => fits(each, capability))),
  );
}

function coveredBy(rule: ToolGrant, tool: Tool): readonly CoveredArguments[] {
  return rule.arguments === undefined ? [] : [{ schema: rule.arguments, capabilities: given([rule], tool) }];
}

function schemasOf(rules: readonly ToolGrant[]): readonly JsonObject[] {
  return rules.flatMap((rule) => (rule.arguments === undefined ? [] : [rule.arguments]));
}
