import type { contextMethods } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';

/** One entry as its readers get it. */
export type TranscriptEntry = Static<typeof contextMethods.TranscriptEntry>;

/** An entry before it has its number. */
export interface EntryDraft extends Omit<TranscriptEntry, 'entry' | 'at' | 'payload'> {
  /** JSON text that was checked. */
  readonly payload?: string;
}

/** Types of entries that nobody may give to what is said. */
export const OWN_TYPES: ReadonlySet<string> = new Set([
  'summary',
  'participant',
  'turn',
  'closed',
  'messageSent',
  'messageSettled',
  'task',
  'artifact',
]);

/** An entry as it is stored and sent: the payload stands in it as it came. */
export function entryText(entry: number, at: string, { payload, ...fields }: EntryDraft): string {
  const text = JSON.stringify({ entry, at, ...fields });
  return payload === undefined ? text : `${text.slice(0, -1)},"payload":${payload}}`;
}
