import { RelayedJson } from './relayed-json.js';

/** Takes one message in up to three parts, which are not put together first: text, text or bytes that are JSON already, text. */
export type SendParts = (head: string, body?: Uint8Array | string, tail?: string) => void;

/** Its declared type leaves out that there is no text for `undefined`. */
const stringify: (value: unknown) => string | undefined = JSON.stringify;

/** Sends `head`, the value as JSON and `tail`; the bytes of a relayed value go as they are. A value that is `undefined` goes as null. */
export function sendSpliced(send: SendParts, head: string, value: unknown, tail: string): void {
  if (!(value instanceof RelayedJson)) {
    send(head, stringify(value) ?? 'null', tail);
    return;
  }
  if (value.member === undefined) {
    send(head, value.bytes, tail);
    return;
  }
  const { fields } = value;
  const before = typeof fields === 'string' ? fields : JSON.stringify(fields).slice(1, -1);
  send(`${head}{${before}${before === '' ? '' : ','}"${value.member}":`, value.bytes, `}${tail}`);
}
