import type { Command } from 'commander';
import type { Context } from '../context.js';
import { examples } from '../examples.js';

/** `orchestrator config schema` */
export function configSchema(command: Command, context: Context): void {
  examples(command, [
    {
      says: 'For an editor that completes and checks YAML',
      line: 'orchestrator config schema > orchestrator.schema.json',
    },
  ]).action(async () => {
    const { configurationSchema } = await import('../../config/json-schema.js');
    const schema = configurationSchema();
    context.output.answer(schema, () => JSON.stringify(schema, undefined, 2));
  });
}
