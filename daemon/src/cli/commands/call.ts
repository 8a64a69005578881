import type { Command } from 'commander';
import { nearest } from '@ai-orchestrator/core/nearest';
import type { ConnectionOptions } from '../address.js';
import { CommandFailure } from '../command-failure.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { jsonObjectInput } from '../json-input.js';
import { callableMethods } from '../methods.js';
import { duration } from '../values.js';

interface CallOptions extends ConnectionOptions {
  readonly timeout: number;
}

/** `orchestrator call` */
export function call(command: Command, context: Context): void {
  command
    .argument('<method>', 'name of the method; rpc.discover describes them all')
    .argument('[params]', 'its params as a JSON object; "-" reads them from stdin', '{}')
    .option('--timeout <duration>', 'how long to wait for the answer', duration, 30_000);
  examples(connectionOptions(command), [
    { says: 'Is the daemon there?', line: 'orchestrator call daemon.ping' },
    { says: 'With params', line: `orchestrator call agent.list '{"state": "ready"}'` },
    { says: 'With params from a pipe', line: `echo '{"limit": 5}' | orchestrator call journal.read -` },
  ]).action(async (method: string, paramsText: string, options: CallOptions) => {
    const params = await jsonObjectInput(paramsText, 'PARAMS', context);
    const timing = { timeoutMs: options.timeout };
    const result = await withDaemon(context, options, (daemon) => daemon.callAny(method, params, timing)).catch(
      async (error: unknown) => {
        throw await withNearest(error, method);
      },
    );
    context.output.answer(result, () => context.output.jsonText(result));
  });
}

/** An unknown method's error, with the method that was probably meant. */
async function withNearest(error: unknown, method: string): Promise<unknown> {
  if (!(error instanceof CommandFailure) || error.error?.name !== 'method_not_found') return error;
  const meant = nearest(method, await callableMethods());
  if (meant === undefined) return error;
  const hint = `Did you mean ${meant}? ${error.hint ?? ''}`.trimEnd();
  return new CommandFailure(error.exit, error.message, hint, error.error, { cause: error });
}
