import type { MethodDeclaration } from '../src/index.js';
import { json, page, table } from './markdown.js';
import type { Example } from './read-examples.js';
import { noteText, typeText, type SchemaShape } from './schema-text.js';

function members(schema: SchemaShape): string {
  const rows = Object.entries(schema.properties ?? {}).map(([name, member]) => [
    `\`${name}\``,
    `\`${typeText(member)}\``,
    schema.required?.includes(name) ? 'yes' : '',
    noteText(member),
  ]);
  return rows.length === 0 ? 'None.' : table(['member', 'type', 'required', 'what it is'], rows);
}

function traits(method: MethodDeclaration): string {
  const answerer = method.answeredBy === 'daemon' ? 'The daemon answers' : 'The client answers';
  const who = method.notification
    ? `Notification ${method.answeredBy === 'daemon' ? 'to the daemon' : 'to the client'}`
    : answerer;
  const permission = method.permission === 'public' ? 'public' : `needs \`${method.permission}\``;
  return `${who}; ${permission}${method.effect ? '; has an effect' : ''}.`;
}

function shown({ name, params, result, error }: Example): string {
  const parts = [`Example \`${name}\`, params:`, json(params)];
  if (result !== undefined) parts.push('result:', json(result));
  if (error) parts.push('error:', json(error));
  return parts.join('\n\n');
}

function section(method: MethodDeclaration, examples: readonly Example[]): string {
  const result = method.result as SchemaShape;
  const blocks = [`### ${method.name}`, method.summary, traits(method), '**Params**', members(method.params)];
  if (!method.notification) {
    blocks.push(
      '**Result**',
      result.properties ? members(result) : `\`${typeText(result)}\` ${noteText(result)}`.trim(),
    );
  }
  if (method.errors.length > 0) {
    blocks.push(`**Errors** ${method.errors.map((name) => `[\`${name}\`](errors.md#${name})`).join(', ')}`);
  }
  return [...blocks, ...examples.map(shown)].join('\n\n');
}

/** The reference of all methods, for people, by noun. */
export function methodsPage(methods: readonly MethodDeclaration[], examples: readonly Example[]): string {
  const blocks: string[] = [];
  let noun = '';
  for (const method of methods) {
    const [first = ''] = method.name.split('.');
    if (first !== noun) blocks.push(`## ${(noun = first)}`);
    blocks.push(
      section(
        method,
        examples.filter((example) => example.method === method.name),
      ),
    );
  }
  return page(
    '# Methods',
    'JSON-RPC 2.0 over WebSocket at `/rpc`, one message a text frame. Params are an object and members that a method does not name are refused. ' +
      'Any call may also answer `invalid_params`, `unauthenticated`, `permission_denied`, `rate_limited`, `limit_exceeded`, `going_away` or `internal_error`.',
    ...blocks,
  );
}
