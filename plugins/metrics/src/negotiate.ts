import type { Format } from './exposition.js';

interface Range {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** Longer Accept headers are read up to here. */
const MAX_CHARACTERS = 1_000;

/**
 * The format that a scraper asks for [RFC 9110 §12.5.1]: OpenMetrics where it is named and plain text is not preferred, otherwise the
 * Prometheus format, also where neither is acceptable.
 */
export function negotiate(accept: string | null): Format {
  const ranges = (accept ?? '').slice(0, MAX_CHARACTERS).split(',').map(parse);
  const best = (fits: (range: Range) => boolean) =>
    ranges.filter(fits).reduce((quality, range) => Math.max(quality, range.quality), 0);
  const openmetrics = best(
    ({ type, parameters }) =>
      type === 'application/openmetrics-text' && (parameters.get('version') ?? '1.0.0') === '1.0.0',
  );
  const plain = best(
    ({ type, parameters }) => type === 'text/plain' && (parameters.get('version') ?? '0.0.4') === '0.0.4',
  );
  return openmetrics > 0 && openmetrics >= plain ? 'openmetrics' : 'prometheus';
}

function parse(range: string): Range {
  const [type = '', ...rest] = range.split(';').map((part) => part.trim().toLowerCase());
  const parameters = new Map(
    rest.map((parameter) => {
      const [name = '', value = ''] = parameter.split('=').map((part) => part.trim());
      return [name, value.replace(/^"(.*)"$/, '$1')] as const;
    }),
  );
  const quality = Number(parameters.get('q') ?? 1);
  return { type, parameters, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}
