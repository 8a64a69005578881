import { expect } from 'chai';
import fc from 'fast-check';
import { FrameReader } from '../../src/web-socket/frame-reader.js';
import { unmask } from '../../src/web-socket/unmask.js';

interface Frame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly payload: Buffer;
  readonly key: Buffer;
}

/** A client's frame as bytes [RFC 6455 §5.2]. */
function encoded({ opcode, fin, payload, key }: Frame): Buffer {
  const { length } = payload;
  const head = [(fin ? 0x80 : 0) | opcode];
  if (length < 126) head.push(0x80 | length);
  else if (length < 65_536) head.push(0x80 | 126, length >> 8, length & 255);
  else head.push(0x80 | 127, 0, 0, 0, 0, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255);
  const masked = payload.map((byte, i) => byte ^ (key[i & 3] ?? 0));
  return Buffer.concat([Buffer.from(head), key, masked]);
}

/** What a reader makes of chunks. */
function read(chunks: readonly Buffer[], limits = { messageBytes: 1 << 20, fragments: 8 }): string[] {
  const seen: string[] = [];
  const reader = new FrameReader(limits, {
    message: (payload) => seen.push(`message ${payload.toString()}`),
    ping: (payload) => seen.push(`ping ${payload.toString()}`),
    pong: () => seen.push('pong'),
    closedByPeer: (code, reason) => seen.push(`close ${code}${reason && `: ${reason}`}`),
  });
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  return seen;
}

/** The same bytes, cut at some places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length));
}

const key = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.from(bytes));
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.integer({ min: 100, max: 70_000 }).map((length) => 'ab€'.repeat(length / 3)),
);
/** A message in one to three fragments, pings between them. */
const message = fc.record({ text, key, parts: fc.integer({ min: 1, max: 3 }), ping: fc.boolean() });

describe('the reader of frames', () => {
  it('reads the same messages however the bytes are cut into chunks [RPC-16]', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 40 }), (messages, places) => {
        const frames: Buffer[] = [];
        const expected: string[] = [];
        for (const { text, key, parts, ping } of messages) {
          const payload = Buffer.from(text);
          const size = Math.ceil(payload.length / parts);
          for (let i = 0; i < parts; i++) {
            const part = payload.subarray(i * size, (i + 1) * size);
            if (ping && i > 0) {
              frames.push(encoded({ opcode: 9, fin: true, payload: Buffer.from('p'), key }));
              expected.push('ping p');
            }
            frames.push(encoded({ opcode: i === 0 ? 1 : 0, fin: i === parts - 1, payload: part, key }));
          }
          expected.push(`message ${text}`);
        }
        expect(read(cut(Buffer.concat(frames), places))).to.deep.equal(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('reads a frame that comes byte by byte [RPC-16]', () => {
    const bytes = encoded({ opcode: 1, fin: true, payload: Buffer.alloc(66_000, 'x'), key: Buffer.from('abcd') });
    const seen = read(Array.from(bytes, (byte) => Buffer.from([byte])));
    expect(seen.map((line) => line.length)).to.deep.equal([66_008]);
  });

  it('takes the mask off at every alignment, length and key [RPC-16]', () => {
    fc.assert(
      fc.property(fc.nat(9), fc.uint8Array({ maxLength: 400 }), key, (offset, plain, mask) => {
        const bytes = Buffer.concat([Buffer.alloc(offset), mask, plain.map((byte, i) => byte ^ (mask[i & 3] ?? 0))]);
        unmask(bytes, offset + 4, bytes.length);
        return bytes.subarray(offset + 4).equals(Buffer.from(plain));
      }),
    );
  });

  it('refuses what breaks the rules by the head of the frame, before its payload comes [RPC-16]', () => {
    const mask = [1, 2, 3, 4];
    const heads: Record<string, readonly number[]> = {
      reserved: [0xc1, 0x80],
      unmasked: [0x81, 0x05],
      opcode3: [0x83, 0x80],
      opcode11: [0x8b, 0x80],
      longPing: [0x89, 0xfe],
      pingInParts: [0x09, 0x80],
      continuation: [0x80, 0x80],
      tooLarge: [0x81, 0xfe, 0x10, 0x01],
      huge: [0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      binary: [0x82, 0x80, ...mask],
      textInText: [0x01, 0x80, ...mask, 0x81, 0x80],
      oneByteClose: [0x88, 0x81, ...mask, 0],
      closeCode: [0x88, 0x82, ...mask, 0x03 ^ 1, 0xed ^ 2],
      fragments: Array.from({ length: 10 }, (_, i) => [i === 0 ? 1 : 0, 0x80, ...mask]).flat(),
    };
    const codes = Object.fromEntries(
      Object.entries(heads).map(([name, bytes]) => {
        // The heads of the large ones are given room for their mask, so that they are complete.
        const seen = read([Buffer.from([...bytes, ...mask])], { messageBytes: 4096, fragments: 8 });
        return [name, seen.map((line) => line.slice(0, 10)).join()];
      }),
    );
    expect(codes).to.deep.equal({
      reserved: 'close 1002',
      unmasked: 'close 1002',
      opcode3: 'close 1002',
      opcode11: 'close 1002',
      longPing: 'close 1002',
      pingInParts: 'close 1002',
      continuation: 'close 1002',
      tooLarge: 'close 1009',
      huge: 'close 1009',
      binary: 'close 1003',
      textInText: 'close 1002',
      oneByteClose: 'close 1002',
      closeCode: 'close 1002',
      fragments: 'close 1008',
    });
  });

  it('hands on nothing after a close frame [RPC-16]', () => {
    const key = Buffer.from('wxyz');
    const close = encoded({ opcode: 8, fin: true, payload: Buffer.from([0x03, 0xe8]), key });
    const after = encoded({ opcode: 1, fin: true, payload: Buffer.from('{}'), key });
    expect(read([Buffer.concat([close, after]), after])).to.deep.equal(['close 1000']);
  });
});
