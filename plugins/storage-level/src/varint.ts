/** A varint of LevelDB and Snappy: seven bits a byte, the lowest first. Answers the value and where it ends. @throws RangeError */
export function readVarint(bytes: Buffer, offset: number): readonly [value: number, end: number] {
  let value = 0;
  // Ten bytes are 64 bits, the longest that there is.
  for (let i = 0; i < 10; i++) {
    const byte = bytes.readUInt8(offset + i);
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return [value, offset + i + 1];
  }
  throw new RangeError(`no varint at byte ${offset}`);
}
