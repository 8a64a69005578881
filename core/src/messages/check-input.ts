import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Agent } from '../agents/agent.js';
import { inputSchemaOf } from '../agents/card-pool.js';
import type { SkillSchemas } from '../agents/skill-schemas.js';

/**
 * Checks a payload against the input schema of an agent's skill, where it has one; only then is it parsed.
 *
 * @param payload JSON
 * @throws OrchestratorError `invalid_params` with the path of each value that does not fit
 */
export function checkInput(schemas: SkillSchemas, agent: Agent, skillId: string, payload: string | Uint8Array): void {
  const skill = agent.card.skills.find((s) => s.id === skillId);
  if (skill?.hasInput !== true) return;
  const value: unknown = JSON.parse(typeof payload === 'string' ? payload : textOf(payload));
  const found = schemas.issues(inputSchemaOf(agent.card, skill), value);
  if (found.length === 0) return;
  const issues = found.map((issue) => ({ ...issue, path: `/payload${issue.path}` }));
  const detail = issues.map((issue) => `${issue.path} ${issue.message}`).join('; ');
  throw new OrchestratorError('invalid_params', `${detail} (input of ${skillId} of ${agent.id})`, { issues });
}

function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString();
}
