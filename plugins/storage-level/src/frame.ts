import { crc32 } from 'node:zlib';
import { storedBytes, writeStored } from './stored-value.js';

/** Last revision and journal head that a frame leads to. */
export interface Position {
  readonly revision: number;
  readonly sequence: number;
  /** Hash of the journal record with that sequence, 64 hex digits. */
  readonly hash: string;
}

/** One write of a commit; `stored` undefined: the key is deleted. */
export interface Write {
  readonly key: string;
  /** As {@link writeStored} writes it; a part of the frame. */
  readonly stored: Buffer | undefined;
}

/** A write that is not in a frame yet; `json` undefined: the key is deleted. */
export interface Draft {
  readonly key: string;
  readonly json: string | undefined;
}

/** The writes of each commit of a group, the first of which has revision `firstRevision`. */
export interface Group {
  readonly firstRevision: number;
  readonly commits: readonly (readonly Write[])[];
  /** After the group's last commit. */
  readonly position: Position;
}

/** Bytes before a frame's payload: magic, checksum of all that follows, payload length, commits, first revision, sequence, hash. */
export const HEADER_BYTES = 64;
const MAGIC = 0x314c4f41;
const ALIGNMENT = 8;
const DELETED = 0xffffffff;

/** Upper bound of what a write takes in a frame. */
function draftBytes({ key, json }: Draft): number {
  return 6 + 3 * key.length + (json === undefined ? 0 : storedBytes(json));
}

/**
 * A group as it stands in the log: one frame, zero-padded to a multiple of 8 bytes.
 *
 * @param drafts of each commit, the first of which has revision `firstRevision`
 */
export function encodeFrame(
  firstRevision: number,
  drafts: readonly (readonly Draft[])[],
  position: Position,
): { readonly frame: Buffer; readonly group: Group } {
  let bound = HEADER_BYTES + ALIGNMENT;
  for (const commit of drafts) {
    bound += 4;
    for (const draft of commit) bound += draftBytes(draft);
  }
  const frame = Buffer.allocUnsafe(bound);
  let at = HEADER_BYTES;
  const commits = drafts.map((commit, i) => {
    at = frame.writeUInt32LE(commit.length, at);
    return commit.map(({ key, json }): Write => {
      const valueAt = at + 6 + frame.write(key, at + 6);
      frame.writeUInt16LE(valueAt - at - 6, at);
      if (json === undefined) {
        frame.writeUInt32LE(DELETED, at + 2);
        at = valueAt;
        return { key, stored: undefined };
      }
      const end = writeStored(frame, valueAt, key, firstRevision + i, json);
      frame.writeUInt32LE(end - valueAt, at + 2);
      at = end;
      return { key, stored: frame.subarray(valueAt, end) };
    });
  });
  const end = aligned(at);
  frame.fill(0, at, end);
  frame.writeUInt32LE(MAGIC, 0);
  frame.writeUInt32LE(at - HEADER_BYTES, 8);
  frame.writeUInt32LE(drafts.length, 12);
  frame.writeDoubleLE(firstRevision, 16);
  frame.writeDoubleLE(position.sequence, 24);
  frame.write(position.hash, 32, 'hex');
  frame.writeUInt32LE(crc32(frame.subarray(8, end)), 4);
  return { frame: frame.subarray(0, end), group: { firstRevision, commits, position } };
}

/** The frame at an offset, or undefined when there is none or it is damaged. */
export function decodeFrame(
  bytes: Buffer,
  offset: number,
): { readonly group: Group; readonly end: number } | undefined {
  if (offset + HEADER_BYTES > bytes.length || bytes.readUInt32LE(offset) !== MAGIC) return undefined;
  const length = bytes.readUInt32LE(offset + 8);
  const end = offset + aligned(HEADER_BYTES + length);
  if (end > bytes.length || crc32(bytes.subarray(offset + 8, end)) !== bytes.readUInt32LE(offset + 4)) return undefined;
  const commits: Write[][] = [];
  const count = bytes.readUInt32LE(offset + 12);
  let at = offset + HEADER_BYTES;
  for (let i = 0; i < count; i++) {
    const writes: Write[] = [];
    const writeCount = bytes.readUInt32LE(at);
    at += 4;
    for (let w = 0; w < writeCount; w++) {
      const valueAt = at + 6 + bytes.readUInt16LE(at);
      const valueBytes = bytes.readUInt32LE(at + 2);
      const key = bytes.toString('utf8', at + 6, valueAt);
      const deleted = valueBytes === DELETED;
      writes.push({ key, stored: deleted ? undefined : bytes.subarray(valueAt, valueAt + valueBytes) });
      at = deleted ? valueAt : valueAt + valueBytes;
    }
    commits.push(writes);
  }
  const firstRevision = bytes.readDoubleLE(offset + 16);
  const position = {
    revision: firstRevision + count - 1,
    sequence: bytes.readDoubleLE(offset + 24),
    hash: bytes.toString('hex', offset + 32, offset + HEADER_BYTES),
  };
  return { group: { firstRevision, commits, position }, end };
}

/** The offset of the next intact frame at or after `from`; -1 when there is none. Frames stand on multiples of 8. */
export function nextFrame(bytes: Buffer, from: number): number {
  for (let at = aligned(from); at + HEADER_BYTES <= bytes.length; at += ALIGNMENT) {
    if (bytes.readUInt32LE(at) === MAGIC && decodeFrame(bytes, at) !== undefined) return at;
  }
  return -1;
}

function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}
