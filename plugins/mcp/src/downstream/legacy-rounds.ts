import type { Cancellation, ToolExchange } from '@ai-orchestrator/core/plugin';
import type { JsonObject } from '../upstream/json.js';
import { checkAnswers, questionsOf } from './client-capabilities.js';
import { exchangeOf, type Asker, type Operation, type Outcome } from './operation.js';
import { CODE } from './protocol.js';
import { RpcError } from './rpc-error.js';

/**
 * Runs an operation for a client of a legacy revision, which is asked by requests: a modern provider's `input_required` becomes questions
 * on the client's stream, and the request goes out again with the answers.
 *
 * @param rounds after which a provider that still asks is given up
 */
export async function runWithQuestions(
  operation: Operation,
  asker: Asker,
  ask: NonNullable<ToolExchange['ask']>,
  signal: Cancellation,
  rounds: number,
): Promise<Exclude<Outcome, { kind: 'input_required' }>> {
  let continuation: ToolExchange['continuation'];
  let holder: string | undefined;
  for (let round = 0; round <= rounds; round++) {
    const outcome = await operation.run(exchangeOf(asker, ask, continuation), signal, holder);
    if (outcome.kind !== 'input_required') return outcome;
    const questions = questionsOf(outcome.inputRequests ?? {});
    checkAnswers(asker.clientCapabilities, questions);
    const answers = await Promise.all(
      questions.map(async ({ key, method, params }) => [key, await ask(method, params, signal)] as const),
    );
    const inputResponses: JsonObject = Object.fromEntries(answers);
    const { requestState } = outcome;
    holder = outcome.holder;
    continuation = {
      ...(answers.length > 0 && { inputResponses }),
      ...(requestState !== undefined && { requestState }),
    };
  }
  throw new RpcError(CODE.internal, `the provider asked for input more than ${rounds} times; the call was given up`);
}
