import { crc32c } from './crc32c.js';
import { unsnappy } from './snappy.js';
import { readVarint } from './varint.js';

/** Two block handles, padded with zeros, and the magic number. */
const FOOTER_BYTES = 48;
const MAGIC = Buffer.from('57fb808b247547db', 'hex');
/** After a block: how it is compressed (1 byte) and its masked CRC-32C. */
const TRAILER_BYTES = 5;
const SNAPPY = 1;
/** A block is far smaller, unless one value is larger; bounds what damage can make us allocate. */
const MAX_BLOCK_BYTES = 64 * 1024 * 1024;

/** One entry of a table. */
export interface TableEntry {
  readonly key: Buffer;
  readonly value: Buffer;
}

interface Handle {
  readonly offset: number;
  readonly size: number;
}

/**
 * What is wrong with a table file of LevelDB, or undefined. LevelDB does not check a block's checksum when it reads one, so that a flipped
 * bit in a key, a filter or a block index would make an entry absent and nobody would be told. Every byte of the file is accounted for.
 */
export function tableFault(file: Buffer): string | undefined {
  try {
    checkTable(file);
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

function checkTable(file: Buffer): void {
  const blocksEnd = file.length - FOOTER_BYTES;
  if (blocksEnd < 0) throw new RangeError('it is cut off');
  const footer = file.subarray(blocksEnd);
  if (!footer.subarray(-MAGIC.length).equals(MAGIC)) throw new RangeError('it does not end with the magic number');
  const [metaHandle, metaEnd] = readHandle(footer, 0);
  const [indexHandle, indexEnd] = readHandle(footer, metaEnd);
  if (footer.subarray(indexEnd, -MAGIC.length).some((byte) => byte !== 0))
    throw new RangeError('its footer is damaged');
  const meta = readBlock(file, metaHandle);
  const index = readBlock(file, indexHandle);
  const listed = [...handlesIn(index), ...handlesIn(meta)];
  for (const handle of listed) checkBlock(file, handle);
  const blocks = [...listed, metaHandle, indexHandle].sort((a, b) => a.offset - b.offset);
  let at = 0;
  for (const { offset, size } of blocks) {
    if (offset !== at) throw new RangeError(`no block begins at byte ${at}`);
    at += size + TRAILER_BYTES;
  }
  if (at !== blocksEnd) throw new RangeError(`no block begins at byte ${at}`);
}

function checkBlock(file: Buffer, { offset, size }: Handle): void {
  const end = offset + size + 1;
  if (end + 4 > file.length - FOOTER_BYTES) throw new RangeError(`the block at byte ${offset} is cut off`);
  if (file.readUInt32LE(end) !== masked(crc32c(file.subarray(offset, end)))) {
    throw new RangeError(`the block at byte ${offset} does not match its checksum`);
  }
}

function readBlock(file: Buffer, handle: Handle): Buffer {
  checkBlock(file, handle);
  const end = handle.offset + handle.size;
  const bytes = file.subarray(handle.offset, end);
  return file.readUInt8(end) === SNAPPY ? unsnappy(bytes, MAX_BLOCK_BYTES) : bytes;
}

/**
 * Every entry of a table, shadowed and deleted ones too: the key with LevelDB's own 8 bytes behind it, and the value.
 *
 * @throws RangeError when the table is damaged
 */
export function* tableEntries(file: Buffer): Generator<TableEntry> {
  const [, metaEnd] = readHandle(file, file.length - FOOTER_BYTES);
  const [indexHandle] = readHandle(file, metaEnd);
  for (const handle of handlesIn(readBlock(file, indexHandle))) yield* entriesIn(readBlock(file, handle));
}

/** The values of a block's entries, which in a block index are handles. */
function* handlesIn(block: Buffer): Generator<Handle> {
  for (const { value } of entriesIn(block)) yield readHandle(value, 0)[0];
}

function* entriesIn(block: Buffer): Generator<TableEntry> {
  const restarts = block.readUInt32LE(block.length - 4);
  const end = block.length - 4 * (restarts + 1);
  let before: Buffer = Buffer.alloc(0);
  for (let at = 0; at < end;) {
    const [shared, sharedEnd] = readVarint(block, at);
    const [keyBytes, keyBytesEnd] = readVarint(block, sharedEnd);
    const [valueBytes, keyAt] = readVarint(block, keyBytesEnd);
    const valueAt = keyAt + keyBytes;
    const key = Buffer.concat([before.subarray(0, shared), block.subarray(keyAt, valueAt)]);
    at = valueAt + valueBytes;
    yield { key, value: block.subarray(valueAt, at) };
    before = key;
  }
}

function readHandle(bytes: Buffer, at: number): readonly [handle: Handle, end: number] {
  const [offset, offsetEnd] = readVarint(bytes, at);
  const [size, end] = readVarint(bytes, offsetEnd);
  return [{ offset, size }, end];
}

/** LevelDB stores a sum of bytes that hold sums themselves, so it is changed a little. */
function masked(sum: number): number {
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
}
