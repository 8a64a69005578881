import { crc32 } from 'node:zlib';
import { KeyedText } from './stored-value.js';

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
  /** Of its commit. */
  readonly revision: number;
  readonly isDelete: boolean;
  /** As {@link KeyedText} has it; a part of the frame. */
  readonly stored: Buffer | undefined;
}

/** A write in a frame. A view of it is made when it is asked for: most values of a queue are written again before that. */
class FramedWrite implements Write {
  constructor(
    readonly key: string,
    readonly revision: number,
    private readonly frame: Buffer,
    private readonly from: number,
    /** Before `from` when the key is deleted. */
    private readonly to: number,
  ) {}

  get isDelete(): boolean {
    return this.to < this.from;
  }

  get stored(): Buffer | undefined {
    return this.isDelete ? undefined : this.frame.subarray(this.from, this.to);
  }
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
/** Before a key: its length and that of its value. */
const WRITE_HEAD_BYTES = 6;

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
  let bytes = HEADER_BYTES;
  const texts: (KeyedText | undefined)[] = [];
  for (const [i, commit] of drafts.entries()) {
    const revision = (firstRevision + i).toString(36);
    bytes += 4;
    for (const { key, json } of commit) {
      const text = json === undefined ? undefined : new KeyedText(key, revision, json);
      bytes += WRITE_HEAD_BYTES + (text?.bytes ?? Buffer.byteLength(key));
      texts.push(text);
    }
  }
  const frame = Buffer.allocUnsafe(aligned(bytes));
  let at = HEADER_BYTES;
  let next = 0;
  const commits = drafts.map((commit, i) => {
    at = frame.writeUInt32LE(commit.length, at);
    return commit.map(({ key }): Write => {
      const keyAt = at + WRITE_HEAD_BYTES;
      const text = texts[next++];
      const valueAt = text === undefined ? keyAt + frame.write(key, keyAt) : text.write(frame, keyAt);
      const end = text === undefined ? valueAt : keyAt + text.bytes;
      frame.writeUInt16LE(valueAt - keyAt, at);
      frame.writeUInt32LE(text === undefined ? DELETED : end - valueAt, at + 2);
      at = end;
      return new FramedWrite(key, firstRevision + i, frame, valueAt, text === undefined ? -1 : end);
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
  return { frame, group: { firstRevision, commits, position } };
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
  const firstRevision = bytes.readDoubleLE(offset + 16);
  let at = offset + HEADER_BYTES;
  for (let i = 0; i < count; i++) {
    const writes: Write[] = [];
    const writeCount = bytes.readUInt32LE(at);
    at += 4;
    for (let w = 0; w < writeCount; w++) {
      const keyAt = at + WRITE_HEAD_BYTES;
      const valueAt = keyAt + bytes.readUInt16LE(at);
      const valueBytes = bytes.readUInt32LE(at + 2);
      const key = bytes.toString('utf8', keyAt, valueAt);
      const deleted = valueBytes === DELETED;
      writes.push(new FramedWrite(key, firstRevision + i, bytes, valueAt, deleted ? -1 : valueAt + valueBytes));
      at = deleted ? valueAt : valueAt + valueBytes;
    }
    commits.push(writes);
  }
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
