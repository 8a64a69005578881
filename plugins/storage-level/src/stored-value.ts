import type { Entry, JsonValue } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { crc32 } from 'node:zlib';

const CRC_DIGITS = 8;

/**
 * The text under which a value is kept: checksum over key and rest (8 hex digits), revision (base 36), a space, JSON. LevelDB does not
 * check its own checksums when it reads, so that a flipped bit would be served without this one.
 */
export function storedValue(key: string, revision: number, json: string): string {
  const rest = `${revision.toString(36)} ${json}`;
  return crc32(rest, crc32(key)).toString(16).padStart(CRC_DIGITS, '0') + rest;
}

/** The revision and the JSON text in a stored value. @throws OrchestratorError `storage_corruption` */
export function openStored(key: string, stored: string): { readonly revision: number; readonly json: string } {
  const rest = stored.slice(CRC_DIGITS);
  const space = rest.indexOf(' ');
  if (space < 1 || crc32(rest, crc32(key)) !== Number.parseInt(stored.slice(0, CRC_DIGITS), 16)) {
    throw new OrchestratorError(
      'storage_corruption',
      `the entry "${key}" does not match its checksum; restore it from a snapshot, or delete it`,
      { key },
    );
  }
  return { revision: Number.parseInt(rest.slice(0, space), 36), json: rest.slice(space + 1) };
}

/** A stored value as readers get it. @throws OrchestratorError `storage_corruption` */
export function entryOf(key: string, stored: string): Entry {
  const { revision, json } = openStored(key, stored);
  return { key, value: JSON.parse(json) as JsonValue, revision };
}
