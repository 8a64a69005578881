import type { Command } from 'commander';
import type { Config } from '../../config/schema.js';
import { configurationOptions, readConfiguration, type ConfigurationOptions } from '../configuration.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { table } from '../table.js';

interface ShowOptions extends ConfigurationOptions {
  readonly origin?: boolean;
  readonly set?: boolean;
}

/** `orchestrator config show` */
export function configShow(command: Command, context: Context): void {
  command.option('--origin', 'say where each value comes from').option('--set', 'only values that are not the default');
  examples(configurationOptions(command), [
    { says: 'Every value that holds', line: 'orchestrator config show' },
    { says: 'Who set what', line: 'orchestrator config show --set --origin' },
  ]).action(async (options: ShowOptions) => {
    const { config, origins } = await readConfiguration(options, context);
    const shown = [...origins].filter(([, origin]) => options.set !== true || origin !== 'default');
    if (options.origin === true) showOrigins(config, shown, context);
    else showValues(config, shown, context);
  });
}

type Shown = readonly (readonly [key: string, origin: string])[];

function showValues(config: Config, shown: Shown, { output }: Context): void {
  const values = shown.map(([key]) => [key, valueAt(config, key) ?? null] as const);
  output.answer(Object.fromEntries(values), () =>
    table(
      [{ title: 'key' }, { title: 'value', flexible: true }],
      values.map(([key, value]) => [key, text(value)]),
      output,
    ),
  );
}

function showOrigins(config: Config, shown: Shown, { output }: Context): void {
  const values = shown.map(([key, origin]) => [key, { value: valueAt(config, key) ?? null, origin }] as const);
  output.answer(Object.fromEntries(values), () =>
    table(
      [{ title: 'key' }, { title: 'value', flexible: true }, { title: 'origin' }],
      values.map(([key, { value, origin }]) => [
        key,
        text(value),
        origin === 'default' ? output.style.dim(origin) : origin,
      ]),
      output,
    ),
  );
}

function text(value: unknown): string {
  if (value === null) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The value under a dotted key. A name in a table may have dots of its own, so the longest member that fits is taken. */
function valueAt(from: unknown, key: string): unknown {
  if (typeof from !== 'object' || from === null) return undefined;
  const members = from as Readonly<Record<string, unknown>>;
  if (Object.hasOwn(members, key)) return members[key];
  for (let dot = key.lastIndexOf('.'); dot > 0; dot = key.lastIndexOf('.', dot - 1)) {
    const name = key.slice(0, dot);
    if (Object.hasOwn(members, name)) return valueAt(members[name], key.slice(dot + 1));
  }
  return undefined;
}
