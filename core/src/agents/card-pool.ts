import type { AgentCard } from './card-check.js';

/** What routing and listing ask of a skill. */
export interface CardSkill {
  readonly id: string;
  readonly version: string;
  readonly hasInput: boolean;
}

/** A card as it is kept: its JSON text, and what is asked of it often. Agents with the same card share one. */
export interface Card {
  readonly text: string;
  readonly version: string;
  readonly skills: readonly CardSkill[];
  readonly labels: Readonly<Record<string, string>> | undefined;
}

/** The cards in use, each kept once. */
export class CardPool {
  readonly #cards = new Map<string, { readonly card: Card; users: number }>();

  /** Takes a card into use. */
  take(text: string): Card {
    const pooled = this.#cards.get(text);
    if (pooled !== undefined) {
      pooled.users++;
      return pooled.card;
    }
    const parsed = JSON.parse(text) as AgentCard;
    const skills = parsed.skills.map((skill) => ({
      id: skill.id,
      version: skill.version ?? parsed.version,
      hasInput: skill.input !== undefined,
    }));
    const card: Card = { text, version: parsed.version, skills, labels: parsed.labels };
    this.#cards.set(text, { card, users: 1 });
    return card;
  }

  /** Says that one user is done with a card. */
  release(card: Card): void {
    const pooled = this.#cards.get(card.text);
    if (pooled !== undefined && --pooled.users === 0) this.#cards.delete(card.text);
  }
}

/** Input schemas as text, of skills that were asked for one. */
const inputs = new WeakMap<CardSkill, string>();

/** The input schema of one of a card's skills as JSON text. */
export function inputSchemaOf(card: Card, skill: CardSkill): string {
  let text = inputs.get(skill);
  if (text === undefined) {
    const parsed = JSON.parse(card.text) as AgentCard;
    text = JSON.stringify(parsed.skills.find((s) => s.id === skill.id)?.input ?? true);
    inputs.set(skill, text);
  }
  return text;
}
