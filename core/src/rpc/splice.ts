import { RelayedJson } from './relayed-json.js';

/** Takes one message in up to three parts: text, bytes that are JSON already, text. */
export type SendParts = (head: string, body?: Uint8Array, tail?: string) => void;

/** Sends `head`, the value as JSON and `tail`; the bytes of a relayed value go as they are. A value that is `undefined` goes as null. */
export function sendSpliced(send: SendParts, head: string, value: unknown, tail: string): void {
  if (!(value instanceof RelayedJson)) {
    send(`${head}${(JSON.stringify(value) as string | undefined) ?? 'null'}${tail}`);
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
