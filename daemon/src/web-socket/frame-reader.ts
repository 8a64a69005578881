import { isUtf8 } from 'node:buffer';
import { KeptBytes } from './kept-bytes.js';
import { FIRST_CONTROL, MAX_CONTROL_BYTES, OPCODE } from './opcode.js';
import { unmask, wordsOf } from './unmask.js';

const FIN = 0x80;
const RESERVED_BITS = 0x70;
const MASKED = 0x80;
/** Head of a masked frame with a 64-bit length [RFC 6455 §5.2]. */
const MAX_HEAD = 14;

/** Close codes that a reader of frames fails a connection with [RFC 6455 §7.4.1]. */
export const FRAME_FAULT = {
  protocolError: 1002,
  unsupportedData: 1003,
  invalidData: 1007,
  tooManyFragments: 1008,
  tooLarge: 1009,
} as const;

/** What a client may send. */
export interface FrameLimits {
  /** Bytes of one message. */
  readonly messageBytes: number;
  /** Fragments of one message. */
  readonly fragments: number;
}

/** What is told of the frames. */
export interface FrameReceiver {
  /** One text message, valid UTF-8: these bytes of a buffer that is not written to any more. Answers whether to read on. */
  text(bytes: Buffer, from: number, to: number): boolean;
  ping(payload: Buffer): void;
  /** The client's close frame, with the code if it names one; nothing is read after it. */
  closed(code: number | undefined): void;
  /** The client broke the protocol or a limit; nothing is read after it. */
  failed(code: number, reason: string): void;
}

/**
 * Reads what a client sends after the upgrade [RFC 6455 §5]: any bytes, cut anywhere. Frames are taken where they lie in what was read,
 * unmasked in place; only what is cut off or in fragments is copied, once. Binary messages are refused at their head.
 */
export class FrameReader {
  /** A head that is not whole. */
  #carry: Buffer | undefined;
  /** Whether a head was read whose payload was not. */
  #inFrame = false;
  #final = false;
  #opcode = 0;
  #mask = 0;
  #length = 0;
  /** Bytes of the payload that have not come. */
  #left = 0;
  /** The data frame or message of which something is missing. */
  #message: KeptBytes | undefined;
  /** Frames of the message so far; 0 between messages. */
  #fragments = 0;
  #isAscii = true;
  #control: KeptBytes | undefined;
  #discarding = false;
  /** Whether the next frame of what was read is taken too. */
  #goesOn = true;
  #stopped = false;

  constructor(
    private readonly limits: FrameLimits,
    private readonly receiver: FrameReceiver,
  ) {}

  /** Keeps no message from here on: only the close frame is waited for. */
  discard(): void {
    this.#discarding = true;
    this.#message = undefined;
  }

  /**
   * Takes what was read; the buffer belongs to the reader and those that it tells.
   *
   * @param from where to go on
   * @returns how far it came: to the end, unless it was told not to read on
   */
  read(chunk: Buffer, from = 0): number {
    const words = wordsOf(chunk);
    let at = from;
    this.#goesOn = !this.#stopped;
    while (at < chunk.length && this.#goesOn) {
      if (!this.#inFrame) at = this.#readHead(chunk, at);
      if (this.#inFrame) at = this.#readPayload(chunk, words, at);
    }
    return this.#stopped ? chunk.length : at;
  }

  #readHead(chunk: Buffer, at: number): number {
    const carried = this.#carry;
    if (carried === undefined) {
      const size = this.#parseHead(chunk, at);
      if (size === 0 && !this.#stopped) this.#carry = Buffer.from(chunk.subarray(at));
      return size === 0 ? chunk.length : at + size;
    }
    const joined = Buffer.concat([carried, chunk.subarray(at, at + MAX_HEAD)]);
    const size = this.#parseHead(joined, 0);
    this.#carry = size === 0 ? joined : undefined;
    return size === 0 ? chunk.length : at + size - carried.length;
  }

  /** How long the head is; 0 when it is not whole or faulty. */
  #parseHead(bytes: Buffer, at: number): number {
    const have = bytes.length - at;
    if (have < 2) return 0;
    const first = bytes[at] as number;
    const second = bytes[at + 1] as number;
    if (!this.#allows(first, second)) return 0;
    let length = second & 127;
    let size = 6;
    if (length === 126) {
      if (have < 4) return 0;
      length = bytes.readUInt16BE(at + 2);
      size = 8;
      if (length < 126) return this.#fail(FRAME_FAULT.protocolError, 'a length is written longer than it needs');
    } else if (length === 127) {
      if (have < 10) return 0;
      const high = bytes.readInt32BE(at + 2);
      length = high * 2 ** 32 + bytes.readUInt32BE(at + 6);
      size = MAX_HEAD;
      if (high < 0) return this.#fail(FRAME_FAULT.protocolError, 'a length is negative');
      if (length < 2 ** 16) return this.#fail(FRAME_FAULT.protocolError, 'a length is written longer than it needs');
    }
    const opcode = first & 15;
    const before = opcode === OPCODE.continuation ? (this.#message?.length ?? 0) : 0;
    if (opcode < FIRST_CONTROL && before + length > this.limits.messageBytes) {
      return this.#fail(FRAME_FAULT.tooLarge, `a message has at most ${this.limits.messageBytes} bytes`);
    }
    if (have < size) return 0;
    this.#final = first >= FIN;
    this.#opcode = opcode;
    this.#length = this.#left = length;
    this.#mask = bytes.readInt32LE(at + size - 4);
    this.#inFrame = true;
    return size;
  }

  /** Whether the first two bytes of a head may come now. */
  #allows(first: number, second: number): boolean {
    const opcode = first & 15;
    let fault: string | undefined;
    if ((first & RESERVED_BITS) !== 0) fault = 'reserved bits are set, and no extension was agreed on';
    else if ((second & MASKED) === 0) fault = 'frames of a client are masked';
    else if (opcode >= FIRST_CONTROL) {
      if (opcode > OPCODE.pong) fault = 'unknown opcode';
      else if (first < FIN) fault = 'control frames have no fragments';
      else if ((second & 127) > MAX_CONTROL_BYTES) fault = `control frames have at most ${MAX_CONTROL_BYTES} bytes`;
    } else if (opcode > OPCODE.binary) fault = 'unknown opcode';
    else if (opcode === OPCODE.continuation) {
      if (this.#fragments === 0) fault = 'there is no message to continue';
      else if (this.#fragments >= this.limits.fragments) {
        this.#fail(FRAME_FAULT.tooManyFragments, `a message has at most ${this.limits.fragments} fragments`);
        return false;
      }
    } else if (this.#fragments > 0) fault = 'the message before is not finished';
    else if (opcode === OPCODE.binary) {
      this.#fail(FRAME_FAULT.unsupportedData, 'send JSON as text frames');
      return false;
    }
    if (fault === undefined) return true;
    this.#fail(FRAME_FAULT.protocolError, fault);
    return false;
  }

  #readPayload(chunk: Buffer, words: Int32Array, at: number): number {
    const isControl = this.#opcode >= FIRST_CONTROL;
    const end = at + this.#left;
    const isWhole = this.#left === this.#length && end <= chunk.length;
    if (isWhole && (isControl || (this.#final && this.#fragments === 0))) {
      this.#inFrame = false;
      const isAscii = unmask(chunk, words, at, end, this.#mask);
      if (isControl) this.#takeControl(chunk, at, end);
      else this.#takeText(chunk, at, end, isAscii);
      return end;
    }
    const to = Math.min(end, chunk.length);
    if (isControl) this.#keepControl(chunk, at, to);
    else this.#keepData(chunk, at, to);
    return to;
  }

  #keepControl(chunk: Buffer, at: number, to: number): void {
    const kept = (this.#control ??= new KeptBytes(MAX_CONTROL_BYTES));
    kept.add(chunk, at, to, this.#left);
    this.#left -= to - at;
    if (this.#left > 0) return;
    this.#inFrame = false;
    this.#control = undefined;
    unmask(kept.bytes, wordsOf(kept.bytes), 0, kept.length, this.#mask);
    this.#takeControl(kept.bytes, 0, kept.length);
  }

  #keepData(chunk: Buffer, at: number, to: number): void {
    const kept = this.#discarding ? undefined : (this.#message ??= new KeptBytes(this.limits.messageBytes));
    kept?.add(chunk, at, to, this.#left);
    this.#left -= to - at;
    if (this.#left > 0) return;
    this.#inFrame = false;
    if (kept !== undefined) {
      const { bytes, length } = kept;
      const isAscii = unmask(bytes, wordsOf(bytes), length - this.#length, length, this.#mask);
      this.#isAscii = this.#isAscii && isAscii;
    }
    if (!this.#final) {
      this.#fragments++;
      return;
    }
    const isAscii = this.#isAscii;
    this.#fragments = 0;
    this.#message = undefined;
    this.#isAscii = true;
    if (kept !== undefined) this.#takeText(kept.bytes, 0, kept.length, isAscii);
  }

  #takeText(bytes: Buffer, from: number, to: number, isAscii: boolean): void {
    if (this.#discarding) return;
    if (isAscii || isUtf8(bytes.subarray(from, to))) {
      if (!this.receiver.text(bytes, from, to)) this.#goesOn = false;
    } else this.#fail(FRAME_FAULT.invalidData, 'text is UTF-8');
  }

  #takeControl(bytes: Buffer, from: number, to: number): void {
    if (this.#opcode === OPCODE.ping) this.receiver.ping(bytes.subarray(from, to));
    else if (this.#opcode === OPCODE.close) this.#takeClose(bytes.subarray(from, to));
  }

  #takeClose(payload: Buffer): void {
    const code = payload.length < 2 ? undefined : payload.readUInt16BE(0);
    if (payload.length === 1 || (code !== undefined && !mayBeSent(code))) {
      this.#fail(FRAME_FAULT.protocolError, 'a close code that may not be sent');
    } else if (!isUtf8(payload.subarray(2))) {
      this.#fail(FRAME_FAULT.invalidData, 'a close reason is UTF-8');
    } else {
      this.#stop();
      this.receiver.closed(code);
    }
  }

  #fail(code: number, reason: string): 0 {
    this.#stop();
    this.receiver.failed(code, reason);
    return 0;
  }

  #stop(): void {
    this.#stopped = true;
    this.#goesOn = false;
    this.#message = this.#control = this.#carry = undefined;
  }
}

/** The codes that may stand in a close frame: defined for it, registered, or private [RFC 6455 §7.4]. */
function mayBeSent(code: number): boolean {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}
