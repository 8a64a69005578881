import type { ParamsOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import type { Work } from './work.js';

type Card = ParamsOf<Methods['agent.register']>['card'];

/** What an agent says of itself; its skills are said with their handlers. */
export type AgentCard = Omit<Card, 'skills'>;

/** Does what an agent is asked to do. */
export interface HasHandler {
  /**
   * Declared as a method, so that its input can have the type that the skill's schema promises: the daemon lets nothing else through.
   *
   * @param input what was asked
   * @param work how it was asked, and what can be done meanwhile
   * @returns the answer; what it throws fails the work, and is told only if it is an OrchestratorError
   */
  handler(input: unknown, work: Work): unknown;
}

/** One thing that an agent can do: what its card says of it, and who does it. */
export interface Skill extends Omit<Card['skills'][number], 'id'>, HasHandler {}

/** Skills by their ids. */
export type Skills = Readonly<Record<string, Skill>>;

/** The whole card, as it is registered. */
export function wholeCard(card: AgentCard, skills: Skills): Card {
  const told = (skill: Skill) => Object.fromEntries(Object.entries(skill).filter(([member]) => member !== 'handler'));
  return { ...card, skills: Object.entries(skills).map(([id, skill]) => ({ id, ...told(skill) })) };
}

/** Who does what names this skill, or none; `undefined` if nobody does. */
export function handlerOf(
  { skills = {}, handler }: { readonly skills?: Skills } & Partial<HasHandler>,
  skill: string | undefined,
): HasHandler['handler'] | undefined {
  if (skill !== undefined && Object.hasOwn(skills, skill)) return skills[skill]?.handler.bind(skills[skill]);
  if (handler) return handler;
  const [only, ...others] = Object.values(skills);
  return others.length === 0 ? only?.handler.bind(only) : undefined;
}
