const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
const NO_WORDS = new Int32Array(0);
/** Below this many bytes, going from word to word gains nothing. */
const SHORT = 16;
/** The bits that no ASCII byte has. */
const NOT_ASCII = 0x80808080 | 0;

/** The aligned words of a buffer, for {@link unmask}; made once for all the frames in it. */
export function wordsOf(bytes: Buffer): Int32Array {
  const skew = -bytes.byteOffset & 3;
  const count = (bytes.length - skew) >> 2;
  return LITTLE_ENDIAN && count > 0 ? new Int32Array(bytes.buffer, bytes.byteOffset + skew, count) : NO_WORDS;
}

/**
 * Takes the mask off a payload where it lies [RFC 6455 §5.3].
 *
 * @param words {@link wordsOf} the same buffer
 * @param mask the masking key, its first byte lowest
 * @returns whether all of the payload is ASCII, which costs nothing to see here
 */
export function unmask(bytes: Buffer, words: Int32Array, from: number, to: number, mask: number): boolean {
  let at = from;
  let key = mask;
  let seen = 0;
  if (to - from >= SHORT && words.length > 0) {
    const skew = -bytes.byteOffset & 3;
    for (; ((at - skew) & 3) !== 0; at++) {
      seen |= bytes[at] = (bytes[at] as number) ^ (key & 255);
      key = (key >>> 8) | (key << 24);
    }
    const last = (to - skew) >> 2;
    for (let word = (at - skew) >> 2; word < last; word++) seen |= words[word] = (words[word] as number) ^ key;
    at = skew + last * 4;
  }
  for (; at < to; at++) {
    seen |= bytes[at] = (bytes[at] as number) ^ (key & 255);
    key = (key >>> 8) | (key << 24);
  }
  return (seen & NOT_ASCII) === 0;
}
