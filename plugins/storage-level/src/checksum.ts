import { crc32 } from 'node:zlib';

const POLYNOMIAL = 0xedb88320;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? POLYNOMIAL : 0);
  return sum;
});
/** Fewer bytes are summed here sooner than zlib is called. */
const WORTH_A_CALL = 200;

/** CRC-32 of a part of a buffer, as zlib has it. @param before of what went before the part */
export function checksum(bytes: Buffer, from: number, to: number, before = 0): number {
  if (to - from > WORTH_A_CALL) return crc32(bytes.subarray(from, to), before);
  let sum = ~before;
  for (let at = from; at < to; at++) sum = (TABLE[(sum ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (sum >>> 8);
  return ~sum >>> 0;
}
