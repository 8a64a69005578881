import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { agentMethods, Issue } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';
import type { SkillSchemas } from './skill-schemas.js';

/** What an agent says of itself, as the protocol declares it. */
export type AgentCard = Static<typeof agentMethods.AgentCard>;

/**
 * Checks what a card's schema cannot say: its size, that skills have different ids, and that their inputs and outputs are schemas.
 *
 * @returns the card as JSON text
 * @throws OrchestratorError `invalid_params` whose issues point into the params
 */
export function checkedCardText(
  card: AgentCard,
  schemas: SkillSchemas,
  limits: { readonly cardBytes: number; readonly schemaNodes: number },
): string {
  const text = JSON.stringify(card);
  if (Buffer.byteLength(text) > limits.cardBytes) {
    refuse([{ path: '/card', message: `must be at most ${String(limits.cardBytes)} bytes as JSON` }]);
  }
  const issues: Issue[] = [];
  const ids = new Set<string>();
  let nodes = 0;
  card.skills.forEach((skill, i) => {
    if (ids.has(skill.id)) issues.push({ path: `/card/skills/${String(i)}/id`, message: `${skill.id} is there twice` });
    ids.add(skill.id);
    for (const member of ['input', 'output'] as const) {
      if (skill[member] === undefined || nodes > limits.schemaNodes) continue;
      const checked = schemas.check(skill[member]);
      nodes += checked.nodes;
      const at = `/card/skills/${String(i)}/${member}`;
      issues.push(...checked.issues.map((issue) => ({ ...issue, path: at + issue.path })));
    }
  });
  if (nodes > limits.schemaNodes) {
    issues.push({ path: '/card/skills', message: `must have at most ${String(limits.schemaNodes)} parts of schemas` });
  }
  if (issues.length > 0) refuse(issues);
  return text;
}

function refuse(issues: readonly Issue[]): never {
  const shown = issues.slice(0, 10);
  throw new OrchestratorError('invalid_params', shown.map((i) => `${i.path} ${i.message}`).join('; '), {
    issues: shown,
  });
}
