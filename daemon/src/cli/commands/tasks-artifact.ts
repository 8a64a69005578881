import type { Command } from 'commander';
import { isUtf8 } from 'node:buffer';
import type { ConnectionOptions } from '../address.js';
import { CommandFailure } from '../command-failure.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { printable } from '../printable.js';

/** `orchestrator tasks artifact` */
export function tasksArtifact(command: Command, context: Context): void {
  command.argument('<task>', 'id of the task').argument('<artifact>', 'id of the artifact; "tasks show" lists them');
  examples(connectionOptions(command), [
    { says: 'What a task left', line: 'orchestrator tasks artifact TASK report' },
    { says: 'Into a file, whatever it is', line: 'orchestrator tasks artifact TASK picture > picture.png' },
  ]).action(async (taskId: string, artifactId: string, options: ConnectionOptions) => {
    const { output } = context;
    await withDaemon(context, options, async ({ client }) => {
      const artifact = client.task(taskId).artifact(artifactId);
      if (!output.json && !output.terminal) {
        for await (const part of artifact) await output.content(part);
        return;
      }
      const bytes = Buffer.from(await artifact.bytes());
      const isText = isUtf8(bytes);
      if (!isText && !output.json) {
        throw new CommandFailure(
          'usage',
          'It is not text, which a terminal could show.',
          'Write it into a file: > FILE',
        );
      }
      const value = isText ? { text: bytes.toString() } : { base64: bytes.toString('base64') };
      output.answer({ artifactId, ...value }, () => printable(bytes.toString()));
    });
  });
}
