import { equalBytes } from './bytes.js';
import { MEMBER, type Scanner } from './scan.js';

const QUOTE = 0x22;
const NULL = 0x6e;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const VERSION = Buffer.from('"2.0"');

/** What an id reads as: its text as it came, `undefined` for a notification, `false` when it is none that can be answered. */
export function readId(frame: Buffer, scan: Scanner, maxBytes: number): string | undefined | false {
  const from = scan.from[MEMBER.id] as number;
  if (from < 0) return undefined;
  const to = scan.to[MEMBER.id] as number;
  const first = frame[from] as number;
  if (to - from > maxBytes) return false;
  if (first === QUOTE) return frame.toString('utf8', from, to);
  if (first === NULL) return 'null';
  const text = frame.toString('latin1', from, to);
  // Fractions and numbers past 2^53 do not survive every JSON reader, and then an answer finds no request [JSON-RPC 2.0 §4].
  return Number.isSafeInteger(Number(text)) && first !== OPEN_BRACE && first !== OPEN_BRACKET ? text : false;
}

/** The method's name; `undefined` when it is not a string. A name that is not ASCII reads as one that no method has. */
export function readMethod(frame: Buffer, scan: Scanner): string | undefined {
  const from = scan.from[MEMBER.method] as number;
  const to = scan.to[MEMBER.method] as number;
  if (frame[from] !== QUOTE) return undefined;
  const name = frame.toString('latin1', from + 1, to - 1);
  return name.includes('\\') ? (JSON.parse(frame.toString('utf8', from, to)) as string) : name;
}

/** Whether the envelope says `"jsonrpc": "2.0"`. */
export function isVersion2(frame: Buffer, scan: Scanner): boolean {
  const from = scan.from[MEMBER.jsonrpc] as number;
  const to = scan.to[MEMBER.jsonrpc] as number;
  if (from < 0) return false;
  if (equalBytes(frame, from, to, VERSION)) return true;
  // Written with escapes it is the same text.
  return frame[from] === QUOTE && JSON.parse(frame.toString('utf8', from, to)) === '2.0';
}

/** Whether params are missing, an object or an array [JSON-RPC 2.0 §4.2]. */
export function paramsAreStructured(frame: Buffer, scan: Scanner): boolean {
  const from = scan.from[MEMBER.params] as number;
  return from < 0 || frame[from] === OPEN_BRACE || frame[from] === OPEN_BRACKET;
}
