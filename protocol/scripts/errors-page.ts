import { ERRORS, type ErrorRow, type MethodDeclaration } from '../src/index.js';
import { page } from './markdown.js';

function section(name: string, row: ErrorRow, methods: readonly MethodDeclaration[]): string {
  const raisers = methods.filter((method) => (method.errors as readonly string[]).includes(name));
  return [
    `## ${name}`,
    `Code \`${String(row.code)}\`: ${row.text}. ${row.retryable ? 'The same call can succeed later.' : 'The same call will fail again.'}`,
    row.hint,
    ...(raisers.length === 0
      ? []
      : [
          `Declared by ${raisers.map(({ name: method }) => `[\`${method}\`](methods.md#${method.replace('.', '').toLowerCase()})`).join(', ')}.`,
        ]),
  ].join('\n\n');
}

/** The reference of all errors, for people, in the order of the table. */
export function errorsPage(methods: readonly MethodDeclaration[]): string {
  return page(
    '# Errors',
    'Every error carries its stable name, whether a retry can help and a hint: `error.data.name`, `error.data.retryable`, `error.data.hint`. ' +
      'Negative codes are those of JSON-RPC 2.0; ours are from 1000 up. A code is never used again for something else.',
    ...Object.entries(ERRORS).map(([name, row]) => section(name, row, methods)),
  );
}
