const SLAB_BYTES = 64 * 1024;
/** Texts up to this many characters are given room for three bytes each; longer ones are measured first. */
const UNMEASURED = 8 * 1024;
/** Opcode 1, final [RFC 6455 §5.2]. */
const TEXT = 0x81;
const MAX_HEAD = 10;

/**
 * Builds text frames one after the other in slabs. Frames for one socket mostly lie side by side, so that they leave in one write
 * without being copied again. A slab is freed with the last write out of it.
 */
export class TextFrames {
  slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  /** Where the last frame begins in the slab. */
  from = 0;
  /** Where it ends. */
  to = 0;

  /** Builds an unmasked frame; {@link slab}, {@link from} and {@link to} say where it is. */
  build(head: string, body: Uint8Array | undefined, tail: string): void {
    const fixed = body === undefined ? 0 : body.length;
    const characters = head.length + tail.length;
    const measured = characters > UNMEASURED;
    const text = measured ? Buffer.byteLength(head) + Buffer.byteLength(tail) : characters;
    this.#reserve(MAX_HEAD + fixed + (measured ? text : characters * 3));
    const { slab, from } = this;
    // Right if all of it is ASCII; otherwise the payload is moved below.
    const room = headBytes(text + fixed);
    let at = from + room;
    at += slab.write(head, at, 'utf8');
    if (body !== undefined) {
      slab.set(body, at);
      at += fixed;
    }
    if (tail !== '') at += slab.write(tail, at, 'utf8');
    const length = at - from - room;
    const needed = headBytes(length);
    if (needed !== room) slab.copyWithin(from + needed, from + room, at);
    writeHead(slab, from, length);
    this.to = from + needed + length;
  }

  #reserve(bytes: number): void {
    if (this.to + bytes > this.slab.length) {
      this.slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, bytes));
      this.to = 0;
    }
    this.from = this.to;
  }
}

function headBytes(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : MAX_HEAD;
}

function writeHead(slab: Buffer, at: number, length: number): void {
  slab[at] = TEXT;
  if (length < 126) slab[at + 1] = length;
  else if (length < 65_536) {
    slab[at + 1] = 126;
    slab.writeUInt16BE(length, at + 2);
  } else {
    slab[at + 1] = 127;
    slab.writeUIntBE(0, at + 2, 2);
    slab.writeUIntBE(length, at + 4, 6);
  }
}
