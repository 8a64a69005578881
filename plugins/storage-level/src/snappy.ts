import { readVarint } from './varint.js';

/** Undoes Snappy's compression of one block. @throws RangeError when it is not Snappy, or would be more than `most` bytes */
export function unsnappy(packed: Buffer, most: number): Buffer {
  const [length, start] = readVarint(packed, 0);
  if (length > most) throw new RangeError(`a block of ${length} bytes`);
  const bytes = Buffer.alloc(length);
  let from = start;
  let to = 0;
  const take = (count: number): void => {
    if (from + count > packed.length || to + count > length) throw new RangeError('a literal is too long');
    to += packed.copy(bytes, to, from, from + count);
    from += count;
  };
  const repeat = (distance: number, count: number): void => {
    if (distance === 0 || distance > to || to + count > length) throw new RangeError('a copy is out of bounds');
    // One byte at a time, because a copy may overlap what it writes.
    for (const end = to + count; to < end; to++) bytes[to] = bytes[to - distance] ?? 0;
  };
  while (from < packed.length) {
    const tag = packed.readUInt8(from++);
    const size = tag >> 2;
    switch (tag & 3) {
      case 0: {
        const extra = size < 60 ? 0 : size - 59;
        const count = extra === 0 ? size : packed.readUIntLE(from, extra);
        from += extra;
        take(count + 1);
        break;
      }
      case 1:
        repeat(((tag >> 5) << 8) | packed.readUInt8(from++), ((tag >> 2) & 7) + 4);
        break;
      case 2:
        repeat(packed.readUInt16LE(from), size + 1);
        from += 2;
        break;
      default:
        repeat(packed.readUInt32LE(from), size + 1);
        from += 4;
    }
  }
  if (to !== length) throw new RangeError('it is too short');
  return bytes;
}
