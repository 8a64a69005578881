import type { InstrumentSnapshot } from '@ai-orchestrator/core/plugin';

/** A text format that scrapers read. */
export type Format = 'prometheus' | 'openmetrics';

/** Media types of the formats. */
export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** What a counter's samples end with; in OpenMetrics its family's name does not [OpenMetrics 1.0.0, Counter]. */
const TOTAL = '_total';

/** Instruments as text: Prometheus 0.0.4 or OpenMetrics 1.0.0. Families are in order of name; nothing carries a timestamp. */
export function expose(instruments: readonly InstrumentSnapshot[], format: Format): string {
  const families = [...instruments].sort((a, b) => (a.name < b.name ? -1 : 1)).map((one) => family(one, format));
  return families.join('') + (format === 'openmetrics' ? '# EOF\n' : '');
}

function family(of: InstrumentSnapshot, format: Format): string {
  const sample = of.type === 'counter' && !of.name.endsWith(TOTAL) ? of.name + TOTAL : of.name;
  const name = of.type === 'counter' && format === 'openmetrics' ? sample.slice(0, -TOTAL.length) : sample;
  const head = `# HELP ${name} ${escapeHelp(of.help, format)}\n# TYPE ${name} ${of.type}\n`;
  if (of.type === 'histogram') return head + histogram(of, format);
  return head + of.samples.map(({ labels, value }) => line(sample, labelSet(of.labelNames, labels), value)).join('');
}

function histogram(of: InstrumentSnapshot & { type: 'histogram' }, format: Format): string {
  let text = '';
  for (const { labels, counts, sum } of of.samples) {
    const set = labelSet(of.labelNames, labels);
    let cumulative = 0;
    counts.forEach((count, i) => {
      cumulative += count;
      const bound = of.buckets[i];
      const le = `le="${bound === undefined ? '+Inf' : boundary(bound, format)}"`;
      text += line(`${of.name}_bucket`, [...set, le], cumulative);
    });
    text += line(`${of.name}_sum`, set, sum) + line(`${of.name}_count`, set, cumulative);
  }
  return text;
}

function line(name: string, labels: readonly string[], value: number): string {
  return `${name}${labels.length === 0 ? '' : `{${labels.join(',')}}`} ${number(value)}\n`;
}

function labelSet(names: readonly string[], values: readonly string[]): string[] {
  return names.map((name, i) => `${name}="${escapeLabel(values[i] ?? '')}"`);
}

function escapeLabel(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"');
}

/** Quotes are escaped in OpenMetrics only [Prometheus text format 0.0.4; OpenMetrics 1.0.0, ABNF escaped-string]. */
function escapeHelp(help: string, format: Format): string {
  const escaped = help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
  return format === 'openmetrics' ? escaped.replace(/"/g, '\\"') : escaped;
}

function number(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

/** OpenMetrics wants bucket bounds in canonical form, 1.0 and not 1. */
function boundary(bound: number, format: Format): string {
  return format === 'openmetrics' && Number.isInteger(bound) && Math.abs(bound) < 1e21 ? `${bound}.0` : String(bound);
}
