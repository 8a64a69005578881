import type { Entry, JsonValue, TextEntry } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { crc32 } from 'node:zlib';

const CRC_DIGITS = 8;
const REVISION_DIGITS = 11;
const SPACE = 0x20;

/** Upper bound of what {@link writeStored} writes. */
export function storedBytes(json: string): number {
  return CRC_DIGITS + REVISION_DIGITS + 1 + Buffer.byteLength(json);
}

/**
 * Writes a value as it is kept: checksum over key and rest (8 hex digits), revision (base 36), a space, JSON. LevelDB does not check its
 * own checksums when it reads, so that a flipped bit would be served without this one. Answers where it ends.
 */
export function writeStored(target: Buffer, offset: number, key: string, revision: number, json: string): number {
  const from = offset + CRC_DIGITS;
  const jsonAt = from + target.write(`${revision.toString(36)} `, from, 'latin1');
  const end = jsonAt + target.write(json, jsonAt);
  const sum = crc32(target.subarray(from, end), crc32(key));
  target.write(sum.toString(16).padStart(CRC_DIGITS, '0'), offset, 'latin1');
  return end;
}

/** A value as {@link writeStored} writes it, in memory of its own. */
export function storedValue(key: string, revision: number, json: string): Buffer {
  const stored = Buffer.allocUnsafe(storedBytes(json));
  return stored.subarray(0, writeStored(stored, 0, key, revision, json));
}

/** The revision and the JSON text in a stored value. @throws OrchestratorError `storage_corruption` */
export function openStored(key: string, stored: Buffer): { readonly revision: number; readonly json: string } {
  const space = stored.indexOf(SPACE, CRC_DIGITS);
  const sum = Number.parseInt(stored.toString('latin1', 0, CRC_DIGITS), 16);
  if (space <= CRC_DIGITS || crc32(stored.subarray(CRC_DIGITS), crc32(key)) !== sum) {
    throw new OrchestratorError(
      'storage_corruption',
      `the entry "${key}" does not match its checksum; restore it from a snapshot, or delete it`,
      { key },
    );
  }
  const revision = Number.parseInt(stored.toString('latin1', CRC_DIGITS, space), 36);
  return { revision, json: stored.toString('utf8', space + 1) };
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
