/** More is not reserved on the word of a frame's head alone. */
const FIRST_BYTES = 16 * 1024;

/** Bytes gathered from several reads in one buffer, which grows with what has come and not with what was announced. */
export class KeptBytes {
  bytes = Buffer.alloc(0);
  length = 0;

  /** @param maxBytes what the caller sees to that there will be at most */
  constructor(private readonly maxBytes: number) {}

  /** @param expected bytes that are announced, these included */
  add(from: Buffer, start: number, end: number, expected: number): void {
    const needed = this.length + end - start;
    if (needed > this.bytes.length) {
      const roomy = this.length === 0 ? Math.min(expected, FIRST_BYTES) : this.bytes.length * 2;
      const grown = Buffer.allocUnsafe(Math.min(this.maxBytes, Math.max(needed, roomy)));
      this.bytes.copy(grown, 0, 0, this.length);
      this.bytes = grown;
    }
    from.copy(this.bytes, this.length, start, end);
    this.length = needed;
  }
}
