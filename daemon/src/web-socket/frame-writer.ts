import { OPCODE } from './opcode.js';

const SLAB_BYTES = 64 * 1024;
/** Messages up to this many characters are given room for three bytes each; longer ones are measured first. */
const UNMEASURED = 8 * 1024;
/** The only fragment of its message [RFC 6455 §5.2]. */
const FINAL = 0x80;
const MAX_HEAD = 10;

/**
 * Builds frames one after the other in slabs. Frames for one socket mostly lie side by side, so that they leave in one write
 * without being copied again. A slab is freed with the last write out of it.
 */
export class FrameWriter {
  slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  /** Where the last frame begins in the slab. */
  from = 0;
  /** Where it ends. */
  to = 0;

  /** Builds a control frame of at most 125 bytes. */
  control(opcode: number, payload: Uint8Array): void {
    this.#reserve(2 + payload.length);
    const { slab, from } = this;
    writeHead(slab, from, opcode, payload.length);
    slab.set(payload, from + 2);
    this.to = from + 2 + payload.length;
  }

  /** Builds an unmasked text frame; {@link slab}, {@link from} and {@link to} say where it is. */
  text(head: string, body: Uint8Array | string, tail: string): void {
    const ends = head.length + tail.length;
    const measured = ends + body.length > UNMEASURED;
    const guess = measured ? utf8Bytes(head) + utf8Bytes(body) + utf8Bytes(tail) : ends + body.length;
    this.#reserve(MAX_HEAD + (measured ? guess : guess * 3));
    const { slab, from } = this;
    // Right if all of it is ASCII; otherwise the payload is moved below.
    const room = headBytes(guess);
    let at = from + room;
    at += slab.write(head, at);
    if (typeof body === 'string') at += slab.write(body, at);
    else {
      slab.set(body, at);
      at += body.length;
    }
    if (tail !== '') at += slab.write(tail, at);
    const length = at - from - room;
    const needed = headBytes(length);
    if (needed !== room) slab.copyWithin(from + needed, from + room, at);
    writeHead(slab, from, OPCODE.text, length);
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

function utf8Bytes(part: Uint8Array | string): number {
  return typeof part === 'string' ? Buffer.byteLength(part) : part.length;
}

function headBytes(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : MAX_HEAD;
}

function writeHead(slab: Buffer, at: number, opcode: number, length: number): void {
  slab[at] = FINAL | opcode;
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
