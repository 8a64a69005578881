import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { agentMethods, ParamsOf } from '@ai-orchestrator/protocol';
import type { Agent } from './agent.js';
import { lowerBound } from './agent-index.js';
import type { AgentIndex } from './agent-index.js';
import type { VersionRanges } from './version-ranges.js';

/** Which agents a listing wants, and which page of it. */
export type AgentQuery = ParamsOf<typeof agentMethods.agentList>;

/** What a skill that is asked for must be. */
export interface SkillWanted {
  readonly skill: string;
  readonly version?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

const DEFAULT_LIMIT = 100;

/**
 * One page of the agents that match and that the caller may use, in order of id. The cursor is the last id of the page, so that agents
 * that come and go between two pages neither shift nor repeat the others.
 *
 * @param pageBytes the page ends once its cards have this many characters
 */
export function pageOfAgents(
  index: AgentIndex,
  query: AgentQuery,
  ranges: VersionRanges,
  visible: (agent: Agent) => boolean,
  pageBytes: number,
): { agents: readonly Agent[]; cursor: string | undefined } {
  if (query.skillVersion !== undefined && query.skill === undefined) {
    throw invalid('/skillVersion', 'needs skill beside it');
  }
  const source = query.skill === undefined ? index.all() : (index.withSkill(query.skill)?.agents ?? []);
  const last = query.cursor === undefined ? undefined : idInCursor(query.cursor);
  const limit = query.limit ?? DEFAULT_LIMIT;
  const agents: Agent[] = [];
  let size = 0;
  for (let i = last === undefined ? 0 : lowerBound(source, last); i < source.length; i++) {
    const agent = source[i];
    if (agent === undefined || agent.id === last || !matches(agent, query, ranges) || !visible(agent)) continue;
    const previous = agents.at(-1);
    if (previous !== undefined && (agents.length === limit || size + agent.card.text.length > pageBytes)) {
      return { agents, cursor: cursorAfter(previous.id) };
    }
    agents.push(agent);
    size += agent.card.text.length;
  }
  return { agents, cursor: undefined };
}

/** Whether an agent has a skill of that version, and the labels. */
export function hasSkill(agent: Agent, wanted: SkillWanted, ranges: VersionRanges): boolean {
  if (wanted.labels !== undefined && !hasLabels(agent, wanted.labels)) return false;
  const { version } = wanted;
  if (version === undefined) return true;
  return agent.card.skills.some((skill) => skill.id === wanted.skill && ranges.satisfies(skill.version, version));
}

function matches(agent: Agent, query: AgentQuery, ranges: VersionRanges): boolean {
  if (query.state !== undefined && agent.lease.state !== query.state) return false;
  if (query.labels !== undefined && !hasLabels(agent, query.labels)) return false;
  if (query.version !== undefined && !ranges.satisfies(agent.card.version, query.version)) return false;
  return query.skill === undefined || hasSkill(agent, { skill: query.skill, version: query.skillVersion }, ranges);
}

function hasLabels(agent: Agent, labels: Readonly<Record<string, string>>): boolean {
  const own = agent.card.labels ?? {};
  return Object.entries(labels).every(([name, value]) => Object.hasOwn(own, name) && own[name] === value);
}

function cursorAfter(id: string): string {
  return Buffer.from(`after:${id}`).toString('base64url');
}

function idInCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  if (!text.startsWith('after:')) throw invalid('/cursor', 'must come from an earlier answer of this method');
  return text.slice('after:'.length);
}

function invalid(path: string, message: string): OrchestratorError {
  return new OrchestratorError('invalid_params', `${path} ${message}`, { issues: [{ path, message }] });
}
