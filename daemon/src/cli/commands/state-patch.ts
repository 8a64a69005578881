import type { Methods, ParamsOf } from '@ai-orchestrator/protocol';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { documentArgument, documentRef } from '../document.js';
import type { DocumentOptions } from '../document.js';
import { examples } from '../examples.js';
import { jsonInput } from '../json-input.js';
import { integer } from '../values.js';

type Patch = ParamsOf<Methods['state.patch']>;

interface PatchOptions extends ConnectionOptions, DocumentOptions {
  readonly field?: string;
  readonly revision?: number;
}

/** `orchestrator state patch` */
export function statePatch(command: Command, context: Context): void {
  documentArgument(command)
    .argument('<patch>', 'an object: JSON Merge Patch; an array: JSON Patch; "-" reads it from stdin')
    .option('--field <name>', 'patch the value of this field; the object of all fields unless said')
    .option(
      '--revision <number>',
      'only if the document, or the field, has this revision',
      integer(0, Number.MAX_SAFE_INTEGER),
    );
  examples(connectionOptions(command), [
    {
      says: 'Write one field and delete another',
      line: `orchestrator state patch echo '{"mood": "calm", "plan": null}'`,
    },
    {
      says: 'Only if it is still so',
      line: `orchestrator state patch echo '[{"op": "test", "path": "/mood", "value": "calm"}, {"op": "remove", "path": "/mood"}]'`,
    },
  ]).action(async (id: string, text: string, options: PatchOptions) => {
    const patch = await jsonInput(text, 'PATCH', context);
    const { field, revision } = options;
    const params: Patch = {
      ...documentRef(id, options),
      ...(Array.isArray(patch) ? { jsonPatch: patch as NonNullable<Patch['jsonPatch']> } : { mergePatch: patch }),
      ...defined({ field, revision }),
    };
    const patched = await withDaemon(context, options, (daemon) => daemon.call('state.patch', params));
    const { style } = context.output;
    const what = patched.changed.length === 0 ? 'nothing to change' : `changed ${patched.changed.join(', ')}`;
    context.output.answer(patched, () => `${what}  ${style.dim(`revision ${String(patched.revision)}`)}`);
  });
}
