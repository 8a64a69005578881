import { Argument, type Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';

interface DecideOptions extends ConnectionOptions {
  readonly reason?: string;
}

/** `orchestrator tools decide` */
export function toolsDecide(command: Command, context: Context): void {
  command
    .argument('<approval>', 'id of the approval')
    .addArgument(new Argument('<decision>', 'what becomes of the call').choices(['approve', 'deny']))
    .option('--reason <text>', 'told to the caller');
  examples(connectionOptions(command), [
    { says: 'Let a call through, once', line: 'orchestrator tools decide APPROVAL approve' },
    { says: 'Refuse it, and say why', line: 'orchestrator tools decide APPROVAL deny --reason "not on a Friday"' },
  ]).action(async (approvalId: string, decision: 'approve' | 'deny', { reason, ...options }: DecideOptions) => {
    const params = { approvalId, decision, ...defined({ reason }) };
    const done = await withDaemon(context, options, (daemon) => daemon.call('tool.decide', params));
    context.output.answer(done, () => (decision === 'approve' ? 'approved' : 'denied'));
  });
}
