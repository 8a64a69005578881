import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { CommandFailure } from '../command-failure.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon, type Connection } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { payloadInput } from '../payload-input.js';
import { statusText } from '../task-text.js';

interface RespondOptions extends ConnectionOptions {
  readonly input?: string;
  readonly text?: boolean;
}

/** `orchestrator tasks respond` */
export function tasksRespond(command: Command, context: Context): void {
  command
    .argument('<task>', 'id of the task')
    .argument('<payload>', 'the answer, as JSON; "-" reads it from stdin')
    .option('--input <id>', 'which of several things that it waits for')
    .option('--text', 'the payload is text, not JSON');
  examples(connectionOptions(command), [
    { says: 'What a task waits for', line: 'orchestrator tasks show TASK' },
    { says: 'Give it what it waits for', line: `orchestrator tasks respond TASK '{"approved": true}'` },
  ]).action(async (taskId: string, text: string, options: RespondOptions) => {
    const payload = await payloadInput(text, options, 'PAYLOAD', context);
    const status = await withDaemon(context, options, async (daemon) => {
      const inputId = options.input ?? (await onlyInput(daemon, taskId));
      return daemon.call('task.respond', { taskId, inputId, payload });
    });
    context.output.answer(status, () => statusText(status, context.output));
  });
}

async function onlyInput(daemon: Connection, taskId: string): Promise<string> {
  const { task } = await daemon.call('task.get', { taskId });
  const [first, ...others] = task.inputs ?? [];
  if (first === undefined) {
    throw new CommandFailure(
      'refused',
      `The task waits for nothing; it is ${task.state}.`,
      `"orchestrator tasks show ${taskId}" shows it.`,
    );
  }
  if (others.length === 0) return first.inputId;
  const ids = [first, ...others].map(({ inputId }) => inputId).join(', ');
  throw new CommandFailure('usage', `The task waits for several things: ${ids}.`, 'Say which with --input.');
}
