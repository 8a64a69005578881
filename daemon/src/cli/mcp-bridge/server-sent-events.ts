import { boundedLines } from './bounded-lines.js';

/** One event of a stream. */
export interface ServerSentEvent {
  /** Lines of `data`, joined; empty where there was none. */
  readonly data: string;
  /** Cursor of the stream after this event. */
  readonly id?: string;
  /** How long to wait before connecting again. */
  readonly retryMs?: number;
}

/**
 * Events of a `text/event-stream` [HTML Living Standard, 9.2.6]. Comments are passed over.
 *
 * @param limit length of an event in UTF-16 code units
 * @throws Error when an event is longer
 */
export async function* serverSentEvents(
  body: AsyncIterable<Buffer | string>,
  limit: number,
): AsyncGenerator<ServerSentEvent, void, void> {
  let data: string[] = [];
  let length = 0;
  let about: { id?: string; retryMs?: number } = {};
  for await (const line of boundedLines(body, limit)) {
    if (!('text' in line) || (length += line.text.length) > limit) {
      throw new Error(`an event of the stream is longer than ${String(limit)} characters`);
    }
    if (line.text === '') {
      if (data.length > 0 || Object.keys(about).length > 0) yield { data: data.join('\n'), ...about };
      data = [];
      length = 0;
      about = {};
      continue;
    }
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line.text) ?? [];
    if (field === 'data') data.push(value);
    else if (field === 'id' && !value.includes('\0')) about.id = value;
    else if (field === 'retry' && /^\d{1,9}$/.test(value)) about.retryMs = Number(value);
  }
}
