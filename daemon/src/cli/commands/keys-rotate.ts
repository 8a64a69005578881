import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { secretText } from '../key-text.js';
import { durationText } from '../time-text.js';
import { duration } from '../values.js';

interface RotateOptions extends ConnectionOptions {
  readonly overlap: number;
}

/** `orchestrator keys rotate` */
export function keysRotate(command: Command, context: Context): void {
  command
    .argument('<key>', 'id of the key, as "keys list" shows it')
    .option('--overlap <duration>', 'how long the old secret still works', duration, 0);
  examples(connectionOptions(command), [
    { says: 'A new secret; the old one works for an hour more', line: 'orchestrator keys rotate KEY --overlap 1h' },
  ]).action(async (keyId: string, options: RotateOptions) => {
    const params = { keyId, overlapMs: options.overlap };
    const rotated = await withDaemon(context, options, (daemon) => daemon.call('key.rotate', params));
    context.output.answer(rotated, () => secretText(rotated.key, rotated.secret, context));
    const end = options.overlap === 0 ? 'no longer works' : `works for ${durationText(options.overlap)} more`;
    context.output.note(`Keep the secret now: it is not shown again. The old one ${end}.`);
  });
}
