import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { CommandFailure } from '../command-failure.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { finishedTask } from '../finished-task.js';
import { payloadInput } from '../payload-input.js';
import { recipientAnd, recipientOptions, type RecipientOptions } from '../recipient.js';
import { FINAL, statusText } from '../task-text.js';
import { duration, integer } from '../values.js';

interface SubmitOptions extends ConnectionOptions, RecipientOptions {
  readonly text?: boolean;
  readonly title?: string;
  readonly context?: string;
  readonly parent?: string;
  readonly priority?: number;
  readonly attempts?: number;
  readonly total?: number;
  readonly budget?: number;
  readonly key?: string;
  readonly wait?: boolean;
  readonly timeout: number;
}

/** `orchestrator tasks submit` */
export function tasksSubmit(command: Command, context: Context): void {
  const described = command
    .usage('<agent> <input> [options]\n       orchestrator tasks submit --skill <skill> <input> [options]')
    .argument('[agent]', 'id of the agent; left out with --skill')
    .argument('[input]', 'what to work on, as JSON; "-" reads it from stdin');
  recipientOptions(described)
    .option('--text', 'the input is text, not JSON')
    .option('--title <title>', 'what people call it')
    .option('--context <context>', 'the conversation that it belongs to')
    .option('--parent <task>', 'the task that it is a part of')
    .option('--priority <0-9>', '9 goes first', integer(0, 9))
    .option('--attempts <count>', 'attempts before it has failed', integer(1, 100))
    .option('--total <duration>', 'how long it may take altogether', duration)
    .option('--budget <amount>', 'what it and its sub-tasks may spend', integer(0, 1_000_000_000))
    .option('--key <key>', 'idempotency key: submitted again with the same key it is one task')
    .option('--wait', 'wait for its end and print its output; ends with 0 only if it was completed')
    .option('--timeout <duration>', 'how long to wait for its end', duration, 600_000);
  examples(connectionOptions(command), [
    { says: 'Have an agent work on something', line: `orchestrator tasks submit echo '{"hello": "world"}'` },
    {
      says: 'Whoever has the skill, and print the output',
      line: `orchestrator tasks submit --skill echo '"hi"' --wait`,
    },
    {
      says: 'At most three attempts within an hour',
      line: `orchestrator tasks submit echo '1' --attempts 3 --total 1h`,
    },
  ]).action(async (first: string | undefined, second: string | undefined, options: SubmitOptions) => {
    const { to, text } = recipientAnd(first, second, options, 'tasks submit', 'input');
    const input = await payloadInput(text, options, 'INPUT', context);
    const { title, context: contextId, parent, priority, attempts, total, budget, key } = options;
    const params = defined({
      title,
      contextId,
      parentTaskId: parent,
      priority,
      idempotencyKey: key,
      retry: attempts === undefined ? undefined : { maxAttempts: attempts },
      limits: total === undefined ? undefined : { totalMs: total },
      budget: budget === undefined ? undefined : { spend: budget },
    });
    const { output } = context;
    await withDaemon(context, options, async (daemon) => {
      const status = await daemon.call('task.submit', { to, input, ...params });
      if (options.wait !== true) {
        output.answer(status, () => status.taskId);
        return;
      }
      if (!output.json) output.note(output.noteStyle.dim(`task ${status.taskId}`));
      const whole = await finishedTask(daemon, status.taskId, options.timeout);
      output.answer(whole, () =>
        whole.output === undefined ? statusText(whole.task, output) : output.jsonText(whole.output),
      );
      const { state, error, reason } = whole.task;
      if (state === 'completed') return;
      if (FINAL.has(state)) throw new CommandFailure('refused', `The task ended: ${state}.`, error?.message ?? reason);
      throw new CommandFailure(
        'unavailable',
        `The task is ${state}.`,
        `Follow it: orchestrator tasks watch ${status.taskId}`,
      );
    });
  });
}
