import type { Entry, JsonValue, TextEntry } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { crc32 } from 'node:zlib';
import { checksum } from './checksum.js';

const CRC_DIGITS = 8;
const NO_CHECKSUM = '0'.repeat(CRC_DIGITS);
const HEX_DIGITS = Buffer.from('0123456789abcdef');
const SPACE = 0x20;

/**
 * A key and its value as they are kept, one right after the other: the value is a checksum over key and rest (8 hex digits), revision
 * (base 36), a space, JSON. LevelDB does not check its own checksums when it reads, so that a flipped bit would be served without this one.
 */
export class KeyedText {
  readonly bytes: number;
  /** Still without its checksum. */
  readonly #text: string;

  constructor(
    readonly key: string,
    revision: string,
    json: string,
  ) {
    this.#text = `${key}${NO_CHECKSUM}${revision} ${json}`;
    this.bytes = Buffer.byteLength(this.#text);
  }

  /** Answers where the value begins; it ends {@link KeyedText.bytes} after `offset`. */
  write(target: Buffer, offset: number): number {
    const { key, bytes } = this;
    // Nearly all text has one byte a character, and is copied instead of encoded.
    const plain = bytes === this.#text.length;
    target.write(this.#text, offset, bytes, plain ? 'latin1' : 'utf8');
    const valueAt = offset + (plain ? key.length : Buffer.byteLength(key));
    const sum = checksum(target, valueAt + CRC_DIGITS, offset + bytes, checksum(target, offset, valueAt));
    writeHex(target, valueAt, sum);
    return valueAt;
  }
}

/** A value as {@link KeyedText} has it, in memory of its own. */
export function storedValue(key: string, revision: number, json: string): Buffer {
  const text = new KeyedText(key, revision.toString(36), json);
  const bytes = Buffer.allocUnsafe(text.bytes);
  return bytes.subarray(text.write(bytes, 0));
}

function writeHex(target: Buffer, offset: number, value: number): void {
  for (let at = offset + CRC_DIGITS - 1, left = value; at >= offset; at--, left >>>= 4) {
    target[at] = HEX_DIGITS[left & 0xf] ?? 0;
  }
}

/** The revision of a stored value. @throws OrchestratorError `storage_corruption` */
export function revisionIn(key: string, stored: Buffer): number {
  return Number.parseInt(stored.toString('latin1', CRC_DIGITS, intact(key, stored)), 36);
}

/** The revision and the JSON text in a stored value. @throws OrchestratorError `storage_corruption` */
export function openStored(key: string, stored: Buffer): { readonly revision: number; readonly json: string } {
  const space = intact(key, stored);
  const revision = Number.parseInt(stored.toString('latin1', CRC_DIGITS, space), 36);
  return { revision, json: stored.toString('utf8', space + 1) };
}

/** Where the space before the JSON is, in a value that matches its checksum. @throws OrchestratorError `storage_corruption` */
function intact(key: string, stored: Buffer): number {
  const space = stored.indexOf(SPACE, CRC_DIGITS);
  const sum = Number.parseInt(stored.toString('latin1', 0, CRC_DIGITS), 16);
  if (space > CRC_DIGITS && crc32(stored.subarray(CRC_DIGITS), crc32(key)) === sum) return space;
  throw new OrchestratorError(
    'storage_corruption',
    `the entry "${key}" does not match its checksum; restore it from a snapshot, or delete it`,
    { key },
  );
}

/** A stored value as readers of text get it. @throws OrchestratorError `storage_corruption` */
export function textEntryOf(key: string, stored: Buffer): TextEntry {
  const { revision, json } = openStored(key, stored);
  return { key, text: json, revision };
}

/** A stored value as readers get it. @throws OrchestratorError `storage_corruption` */
export function entryOf(key: string, stored: Buffer): Entry {
  const { revision, json } = openStored(key, stored);
  return { key, value: JSON.parse(json) as JsonValue, revision };
}
