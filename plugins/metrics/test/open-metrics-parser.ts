/** One family as OpenMetrics text shows it. */
export interface Family {
  type: string;
  help?: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?[0-9.]+(?:e[+-]?[0-9]+)?|[+-]Inf|NaN)$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/;

/**
 * Reads OpenMetrics 1.0.0 strictly, from the specification and not from our writer: order of lines, one block a family, suffixes by
 * type, no `_total` in a counter's family name, escapes, canonical and cumulative buckets with `+Inf`, `# EOF` last.
 *
 * @throws Error with the first line that is wrong
 */
export function parseOpenMetrics(text: string): Map<string, Family> {
  if (!text.endsWith('\n# EOF\n')) throw new Error('does not end with # EOF and a line feed');
  const families = new Map<string, Family>();
  let current: [string, Family] | undefined;
  for (const line of text.slice(0, -'# EOF\n'.length - 1).split('\n')) {
    const meta = /^# (HELP|TYPE|UNIT) ([a-zA-Z_:][a-zA-Z0-9_:]*) ?(.*)$/.exec(line);
    if (meta) {
      const [, kind, name = '', rest = ''] = meta;
      if (current?.[0] !== name) {
        if (families.has(name)) throw new Error(`${name} comes in two blocks`);
        if (current?.[1].type === '') throw new Error(`${current[0]} has no type`);
        current = [name, { type: '', samples: [] }];
        families.set(name, current[1]);
      }
      if (current[1].samples.length > 0) throw new Error(`${line}: after the samples`);
      if (kind === 'HELP') current[1].help = unescape(rest);
      if (kind === 'TYPE') current[1].type = rest;
      continue;
    }
    const sample = SAMPLE.exec(line);
    if (!sample || !current) throw new Error(`no sample: ${line}`);
    const [family, of] = current;
    const [, name = '', labels = '', value = ''] = sample;
    if (of.type === 'counter' && family.endsWith('_total'))
      throw new Error(`${family}: a counter's family ends with _total`);
    if (!(SUFFIXES[of.type] ?? []).some((suffix) => name === family + suffix))
      throw new Error(`${name} is not of ${family}`);
    of.samples.push({ name, labels: parseLabels(labels), value: Number(value.replace('Inf', 'Infinity')) });
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkBuckets(name, family);
  return families;
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== '';) {
    const label = LABEL.exec(rest);
    if (!label) throw new Error(`no labels: ${text}`);
    const [all, name = '', value = ''] = label;
    if (Object.hasOwn(labels, name)) throw new Error(`${name} twice: ${text}`);
    labels[name] = unescape(value);
    rest = rest.slice(all.length);
  }
  return labels;
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, (_, escaped: string) => {
    if (escaped === 'n') return '\n';
    if (escaped === '"' || escaped === '\\') return escaped;
    throw new Error(`unknown escape \\${escaped}`);
  });
}

function checkBuckets(name: string, { samples }: Family): void {
  let last = -1;
  let count = 0;
  for (const sample of samples) {
    if (sample.name === `${name}_bucket`) {
      const { le = '' } = sample.labels;
      const bound = Number(le.replace('Inf', 'Infinity'));
      if (le !== '+Inf' && !/[.e]/.test(le)) throw new Error(`${name}: le="${le}" is not canonical`);
      if (bound <= last || sample.value < count) throw new Error(`${name}: buckets do not rise`);
      last = bound;
      count = sample.value;
    } else if (sample.name === `${name}_count`) {
      if (last !== Infinity || count !== sample.value) throw new Error(`${name}: +Inf is not the count`);
      last = -1;
      count = 0;
    }
  }
}
