import type { VisibleTool } from './tools.js';

/** Words of a query that count; the others are left out. */
const MAX_WORDS = 16;
/** Characters of a description that are searched. */
const MAX_TEXT = 8_192;
const WEIGHTS = { name: 8, title: 4, description: 1 };

/** A tool's words, and what each is worth. */
type Words = ReadonlyMap<string, number>;

/**
 * Ranked search: words count by where they stand (name, title, description) and by how few tools have them; the beginning of a word counts
 * half. Every tool that is found has one word at least.
 */
export class ToolSearch {
  readonly #words = new WeakMap<VisibleTool, Words>();

  /** The best first, equals by name. */
  best(tools: readonly VisibleTool[], query: string, limit: number): readonly VisibleTool[] {
    const wanted = [...new Set(wordsOf(query))].slice(0, MAX_WORDS);
    const scores = new Map<VisibleTool, number>();
    for (const word of wanted) {
      const found = tools.flatMap((tool) => {
        const worth = this.#worth(tool, word);
        return worth === 0 ? [] : [{ tool, worth }];
      });
      const rarity = Math.log(1 + tools.length / (1 + found.length));
      for (const { tool, worth } of found) scores.set(tool, (scores.get(tool) ?? 0) + worth * rarity);
    }
    const asked = query.trim().toLowerCase();
    const rank = (tool: VisibleTool): number =>
      tool.definition.name.toLowerCase() === asked ? Infinity : (scores.get(tool) ?? 0);
    return [...scores.keys()]
      .sort((a, b) => rank(b) - rank(a) || (a.definition.name < b.definition.name ? -1 : 1))
      .slice(0, limit);
  }

  #worth(tool: VisibleTool, word: string): number {
    const words = this.#wordsOf(tool);
    const whole = words.get(word);
    if (whole !== undefined) return whole;
    let worth = 0;
    for (const [each, value] of words) if (each.startsWith(word) && value > worth) worth = value;
    return worth / 2;
  }

  #wordsOf(tool: VisibleTool): Words {
    const known = this.#words.get(tool);
    if (known !== undefined) return known;
    const { name, title = '', description = '' } = tool.definition;
    const words = new Map<string, number>();
    const texts = { description: description.slice(0, MAX_TEXT), title, name };
    for (const field of ['description', 'title', 'name'] as const) {
      for (const word of wordsOf(texts[field])) words.set(word, Math.max(words.get(word) ?? 0, WEIGHTS[field]));
    }
    this.#words.set(tool, words);
    return words;
  }
}

/** Letters and digits, also of names such as `github__createIssue`. */
function wordsOf(text: string): string[] {
  return text
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}
