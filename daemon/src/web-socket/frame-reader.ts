import { isUtf8 } from 'node:buffer';
import { unmask } from './unmask.js';

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** What a reader hands on. A message's bytes stay as they are while they are referenced. */
export interface FrameSink {
  message(payload: Buffer): void;
  ping(payload: Buffer): void;
  pong(): void;
  /** The peer closes, or broke the rules and is to be closed; nothing comes after it. */
  closedByPeer(code: number, reason: string): void;
}

/** Bounds of what a peer may send. */
export interface FrameLimits {
  /** Largest message, all fragments together. */
  readonly messageBytes: number;
  /** Fragments of one message. */
  readonly fragments: number;
}

/** Why a peer is to be closed. */
class Violation extends Error {
  constructor(
    readonly code: number,
    reason: string,
  ) {
    super(reason);
  }
}

/**
 * Reads what a client sends after the handshake [RFC 6455 §5]: frames are looked at where they lie in the chunk that came, and only one
 * that spans chunks is copied. Binary messages, extensions and unmasked frames are refused.
 */
export class FrameReader {
  /** The begin of a frame whose rest has not come; at most twice as large as what came of it. */
  #held: Buffer | undefined;
  #heldBytes = 0;
  /** Bytes of the held frame after which there is more to say about it. */
  #needed = 0;
  #fragments: Buffer[] | undefined;
  #fragmentBytes = 0;
  #done = false;

  constructor(
    private readonly limits: FrameLimits,
    private readonly sink: FrameSink,
  ) {}

  /** Takes the next bytes of the connection. */
  push(chunk: Buffer): void {
    try {
      let at = 0;
      while (!this.#done && at < chunk.length)
        at = this.#held === undefined ? this.#read(chunk, at) : this.#fill(chunk, at);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.#finish(error.code, error.message);
    }
  }

  /** One frame of the chunk; what is not complete is held. */
  #read(chunk: Buffer, at: number): number {
    const end = at + this.#frameBytes(chunk, at, chunk.length);
    if (end <= chunk.length) {
      this.#frame(chunk, at, end);
      return end;
    }
    this.#heldBytes = chunk.length - at;
    this.#needed = end - at;
    this.#held = Buffer.from(chunk.subarray(at));
    return chunk.length;
  }

  /** Adds to the held frame what it lacks, and reads it once it is complete. */
  #fill(chunk: Buffer, at: number): number {
    const bytes = Math.min(this.#needed - this.#heldBytes, chunk.length - at);
    let held = this.#held ?? Buffer.alloc(0);
    const filled = this.#heldBytes + bytes;
    if (filled > held.length) {
      // Doubling, so that a message in many small chunks is not copied once for each, and nothing is paid for what never comes.
      const larger = Buffer.allocUnsafeSlow(Math.min(this.#needed, Math.max(filled, held.length * 2)));
      held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = held = larger;
    }
    chunk.copy(held, this.#heldBytes, at, at + bytes);
    this.#heldBytes = filled;
    if (filled === this.#needed) {
      this.#needed = this.#frameBytes(held, 0, filled);
      if (this.#needed <= filled) {
        this.#held = undefined;
        this.#frame(held, 0, filled);
      }
    }
    return at + bytes;
  }

  /** How long the frame is, as far as its head says already; a head that breaks the rules is refused before its payload comes. */
  #frameBytes(bytes: Buffer, at: number, end: number): number {
    if (end - at < 2) return 2;
    const first = bytes[at] ?? 0;
    const second = bytes[at + 1] ?? 0;
    const opcode = first & 15;
    const short = second & 127;
    if ((first & 0x70) !== 0) throw new Violation(1002, 'no extension was agreed');
    if ((second & 0x80) === 0) throw new Violation(1002, 'frames of a client are masked');
    if (opcode >= CLOSE) {
      if (opcode > PONG) throw new Violation(1002, 'unknown opcode');
      if ((first & 0x80) === 0 || short > 125) throw new Violation(1002, 'control frames are short and whole');
      return 6 + short;
    }
    if (opcode > BINARY) throw new Violation(1002, 'unknown opcode');
    if ((opcode === CONTINUATION) !== (this.#fragments !== undefined))
      throw new Violation(1002, 'fragments out of order');
    const head = short < 126 ? 6 : short === 126 ? 8 : 14;
    if (end - at < head) return head;
    const length =
      short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    if (length + this.#fragmentBytes > this.limits.messageBytes) {
      throw new Violation(1009, `a message has at most ${this.limits.messageBytes} bytes`);
    }
    return head + length;
  }

  /** One whole frame whose head was checked. */
  #frame(bytes: Buffer, at: number, end: number): void {
    const first = bytes[at] ?? 0;
    const short = (bytes[at + 1] ?? 0) & 127;
    const from = at + (short < 126 ? 6 : short === 126 ? 8 : 14);
    unmask(bytes, from, end);
    const payload = bytes.subarray(from, end);
    const opcode = first & 15;
    const final = first >= 0x80;
    if (opcode === TEXT && final) this.#text(payload);
    else if (opcode <= BINARY) this.#fragment(opcode, payload, final);
    else if (opcode === PING) this.sink.ping(payload);
    else if (opcode === PONG) this.sink.pong();
    else this.#closeFrame(payload);
  }

  #fragment(opcode: number, payload: Buffer, final: boolean): void {
    if (opcode === BINARY) throw new Violation(1003, 'send JSON as text frames');
    const fragments = (this.#fragments ??= []);
    if (fragments.length === this.limits.fragments) throw new Violation(1008, 'too many fragments');
    // A copy: the chunk that it lies in may be far larger.
    fragments.push(Buffer.from(payload));
    this.#fragmentBytes += payload.length;
    if (!final) return;
    const whole = Buffer.concat(fragments, this.#fragmentBytes);
    this.#fragments = undefined;
    this.#fragmentBytes = 0;
    this.#text(whole);
  }

  #text(payload: Buffer): void {
    if (!isUtf8(payload)) throw new Violation(1007, 'text is not UTF-8');
    this.sink.message(payload);
  }

  #closeFrame(payload: Buffer): void {
    if (payload.length === 0) {
      this.#finish(1000, '');
      return;
    }
    const code = payload.length === 1 ? 0 : payload.readUInt16BE(0);
    if (!mayBeSent(code)) throw new Violation(1002, 'no such close code');
    if (!isUtf8(payload.subarray(2))) throw new Violation(1007, 'a close reason is UTF-8');
    this.#finish(code, '');
  }

  #finish(code: number, reason: string): void {
    this.#done = true;
    this.#held = this.#fragments = undefined;
    this.sink.closedByPeer(code, reason);
  }
}

/** Close codes that may stand in a frame [RFC 6455 §7.4]. */
function mayBeSent(code: number): boolean {
  return (code >= 3000 && code <= 4999) || (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code));
}
