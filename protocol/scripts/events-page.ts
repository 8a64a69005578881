import type { EventDeclaration } from '../src/index.js';
import { page, table } from './markdown.js';
import { noteText, typeText, type SchemaShape } from './schema-text.js';

function section({ name, summary, details }: EventDeclaration): string {
  const shape = details as SchemaShape;
  const rows = Object.entries(shape.properties ?? {}).map(([member, schema]) => [
    `\`${member}\``,
    `\`${typeText(schema)}\``,
    shape.required?.includes(member) ? 'yes' : '',
    noteText(schema),
  ]);
  return [`## ${name}`, summary, table(['detail', 'type', 'always', 'what it is'], rows)].join('\n\n');
}

/** The reference of all journal events, for people, by name. */
export function eventsPage(events: readonly EventDeclaration[]): string {
  return page(
    '# Events',
    'What the journal records; read them with `journal.read`, follow them with `journal.subscribe`. The details never hold contents.',
    ...[...events].sort((a, b) => (a.name < b.name ? -1 : 1)).map(section),
  );
}
