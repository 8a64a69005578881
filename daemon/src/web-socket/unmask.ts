/** From how many bytes on a view of words pays. */
const WORDWISE = 96;

/** Takes the mask off a payload where it lies; its key is the four bytes before it [RFC 6455 §5.3]. */
export function unmask(bytes: Buffer, from: number, end: number): void {
  const key = bytes.readUInt32LE(from - 4);
  if (key === 0) return;
  let at = from;
  if (end - from >= WORDWISE) {
    while (((bytes.byteOffset + at) & 3) !== 0) at = unmaskByte(bytes, at, from, key);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset + at, (end - at) >> 2);
    const turned = ((at - from) & 3) * 8;
    const word = turned === 0 ? key : (key >>> turned) | (key << (32 - turned));
    for (let i = 0; i < words.length; i++) words[i] = (words[i] ?? 0) ^ word;
    at += words.length * 4;
  }
  while (at < end) at = unmaskByte(bytes, at, from, key);
}

function unmaskByte(bytes: Buffer, at: number, from: number, key: number): number {
  bytes[at] = (bytes[at] ?? 0) ^ (key >>> (((at - from) & 3) * 8));
  return at + 1;
}
