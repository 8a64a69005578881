import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Answer } from '../rpc/session.js';

/** What a sender is told of an error that an agent answered, cut to a bound. */
export function agentFailed(
  agentId: string,
  answer: Extract<Answer, { kind: 'error' }>,
  characters: number,
): OrchestratorError {
  const message = answer.message.slice(0, characters);
  const text = answer.data === undefined ? undefined : JSON.stringify(answer.data);
  const data = text === undefined || text.length > characters ? {} : { data: answer.data };
  return new OrchestratorError('agent_failed', `${agentId}: ${message}`, {
    agent: agentId,
    agentError: { code: answer.code, message, ...data },
  });
}
