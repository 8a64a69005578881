import { expect } from 'chai';
import fc from 'fast-check';
import { FrameReader } from '../../src/web-socket/frame-reader.js';
import { unmask, wordsOf } from '../../src/web-socket/unmask.js';

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

const SILENT = { text: () => true, ping: () => undefined, closed: () => undefined, failed: () => undefined };

/** What a reader makes of chunks. */
function read(chunks: readonly Buffer[], limits = { messageBytes: 1 << 20, fragments: 8 }): string[] {
  const seen: string[] = [];
  const reader = new FrameReader(limits, {
    text: (bytes, from, to) => seen.push(`text ${bytes.toString('utf8', from, to)}`) > 0,
    ping: (payload) => seen.push(`ping ${payload.toString()}`),
    closed: (code) => seen.push(`closed ${String(code)}`),
    failed: (code) => seen.push(`failed ${String(code)}`),
  });
  for (const chunk of chunks) reader.read(Buffer.from(chunk));
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
          expected.push(`text ${text}`);
        }
        expect(read(cut(Buffer.concat(frames), places))).to.deep.equal(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('reads a frame that comes byte by byte [RPC-16]', () => {
    const bytes = encoded({ opcode: 1, fin: true, payload: Buffer.alloc(66_000, 'x'), key: Buffer.from('abcd') });
    const seen = read(Array.from(bytes, (byte) => Buffer.from([byte])));
    expect(seen.map((line) => line.length)).to.deep.equal([66_005]);
  });

  it('takes the mask off at every alignment, length and key, and says whether all of it is ASCII [RPC-16]', () => {
    const plain = fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.uint8Array({ max: 127, maxLength: 400 }));
    fc.assert(
      fc.property(fc.nat(9), fc.nat(9), plain, key, (before, after, bytes, mask) => {
        const around = [Buffer.alloc(before, 1), Buffer.alloc(after, 2)] as const;
        const masked = bytes.map((byte, i) => byte ^ (mask[i & 3] ?? 0));
        const buffer = Buffer.concat([around[0], masked, around[1]]);
        const isAscii = unmask(buffer, wordsOf(buffer), before, before + bytes.length, mask.readInt32LE(0));
        expect(isAscii).to.equal(bytes.every((byte) => byte < 128));
        expect(buffer).to.deep.equal(Buffer.concat([around[0], bytes, around[1]]));
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses what breaks the rules by the head of the frame, before its payload comes [RPC-16]', () => {
    const mask = [1, 2, 3, 4];
    const heads: Record<string, readonly number[]> = {
      'failed 1002, reserved bit 1': [0xc1, 0x80],
      'failed 1002, reserved bit 2': [0xa1, 0x80],
      'failed 1002, reserved bit 3': [0x91, 0x80],
      'failed 1002, reserved bit of a ping': [0xc9, 0x80],
      'failed 1002, unmasked': [0x81, 0x05],
      'failed 1002, opcode 3': [0x83, 0x80],
      'failed 1002, opcode 7': [0x87, 0x80],
      'failed 1002, opcode 11': [0x8b, 0x80],
      'failed 1002, opcode 15': [0x8f, 0x80],
      'failed 1002, ping of 126 bytes': [0x89, 0xfe],
      'failed 1002, ping in fragments': [0x09, 0x80],
      'failed 1002, close in fragments': [0x08, 0x80],
      'failed 1002, nothing to continue': [0x80, 0x80],
      'failed 1002, continued after the end': [0x01, 0x80, ...mask, 0x80, 0x80, ...mask, 0x80, 0x80],
      'failed 1002, text within a text': [0x01, 0x80, ...mask, 0x81, 0x80],
      'failed 1002, binary within a text': [0x01, 0x80, ...mask, 0x82, 0x80],
      'failed 1002, 125 written in 16 bits': [0x81, 0xfe, 0x00, 0x7d],
      'failed 1002, 65535 written in 64 bits': [0x81, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
      'failed 1002, negative length': [0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      'failed 1003, binary': [0x82, 0x80],
      'failed 1003, binary in fragments': [0x02, 0x80],
      'failed 1008, too many fragments': Array.from({ length: 9 }, (_, i) => [i === 0 ? 1 : 0, 0x80, ...mask]).flat(),
      'failed 1009, 4097 bytes': [0x81, 0xfe, 0x10, 0x01],
      'failed 1009, 2^63 - 1 bytes': [0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      'failed 1009, 4097 bytes in two': [0x01, 0x81, ...mask, 0x20, 0x80, 0xfe, 0x10, 0x00],
    };
    const wrong = Object.entries(heads).flatMap(([name, bytes]) => {
      const limits = { messageBytes: 4096, fragments: 8 };
      const whole = read([Buffer.from(bytes)], limits);
      const cutUp = read(
        bytes.map((byte) => Buffer.from([byte])),
        limits,
      );
      return [whole, cutUp].filter((seen) => seen.at(-1) !== name.split(',')[0]).map((seen) => [name, seen]);
    });
    expect(wrong).to.deep.equal([]);
  });

  it('takes the close codes that may be sent, and no others [RPC-16]', () => {
    const wrong = [...Array(5100).keys()].filter((code) => {
      const payload = Buffer.from([code >> 8, code & 255, ...Buffer.from('bye €')]);
      const [seen] = read([encoded({ opcode: 8, fin: true, payload, key: Buffer.from('wxyz') })]);
      const defined = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);
      return seen !== (defined || (code >= 3000 && code < 5000) ? `closed ${String(code)}` : 'failed 1002');
    });
    expect(wrong).to.deep.equal([]);
  });

  it('takes a close frame without a code, none with half of one or a reason that is not UTF-8 [RPC-16]', () => {
    const seen = [[], [3], [3, 0xe8, 0xc3]].map((payload) =>
      read([encoded({ opcode: 8, fin: true, payload: Buffer.from(payload), key: Buffer.from('wxyz') })]),
    );
    expect(seen).to.deep.equal([['closed undefined'], ['failed 1002'], ['failed 1007']]);
  });

  it('takes text whose characters are cut by fragments, and none that is not UTF-8, whole or in parts [RPC-16]', () => {
    const texts: Record<string, readonly number[]> = {
      'two bytes': [0xc3, 0xbc],
      'four bytes': [0xf0, 0x9f, 0x98, 0x80],
      'the last code point': [0xf4, 0x8f, 0xbf, 0xbf],
      'past the last code point': [0xf4, 0x90, 0x80, 0x80],
      'a surrogate': [0xed, 0xa0, 0x80],
      overlong: [0xc0, 0xaf],
      'a lone continuation': [0x80],
      'the start alone': [0xe2, 0x82],
      'a byte that never occurs': [0xff],
    };
    const verdicts = Object.entries(texts).map(([name, bytes]) => {
      // Long enough that words are unmasked, at several alignments.
      const seen = [0, 1, 2, 3, 40].flatMap((before) => {
        const payload = Buffer.concat([Buffer.alloc(before, 'x'), Buffer.from(bytes), Buffer.alloc(30, 'y')]);
        const key = Buffer.from([1, 0x80, 3, 0xff]);
        const parts = [payload.subarray(0, before + 1), payload.subarray(before + 1)];
        const frames = parts.map((part, i) => encoded({ opcode: i === 0 ? 1 : 0, fin: i === 1, payload: part, key }));
        const seen = [[encoded({ opcode: 1, fin: true, payload, key })], frames, [Buffer.concat(frames)]].map(
          (chunks) => read(chunks).join(),
        );
        return seen.map((line) => (line === `text ${payload.toString()}` ? 'taken' : line));
      });
      return [name, ...new Set(seen)];
    });
    expect(verdicts).to.deep.equal(Object.keys(texts).map((name, i) => [name, i < 3 ? 'taken' : 'failed 1007']));
  });

  it('hands on nothing after a close frame or a fault [RPC-16]', () => {
    const key = Buffer.from('wxyz');
    const close = encoded({ opcode: 8, fin: true, payload: Buffer.from([0x03, 0xe8]), key });
    const fault = encoded({ opcode: 3, fin: true, payload: Buffer.alloc(0), key });
    const after = encoded({ opcode: 1, fin: true, payload: Buffer.from('{}'), key });
    const seen = [close, fault].map((last) => read([Buffer.concat([after, last, after]), after, close]));
    expect(seen).to.deep.equal([
      ['text {}', 'closed 1000'],
      ['text {}', 'failed 1002'],
    ]);
  });

  it('keeps what was announced only as it comes [RPC-16]', () => {
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 64 }, () => {
      const reader = new FrameReader({ messageBytes: 1 << 24, fragments: 8 }, SILENT);
      reader.read(Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x01, 0, 0, 0, 1, 2, 3, 4, 0x20]));
      return reader;
    });
    const grown = process.memoryUsage().arrayBuffers - before;
    expect({ readers: readers.length, small: grown < 4 << 20 }).to.deep.equal({ readers: 64, small: true });
  });

  it('once it discards, reads on to the close frame and hands on no message [RPC-16]', () => {
    const key = Buffer.from('wxyz');
    const text = (opcode: number, fin: boolean) => encoded({ opcode, fin, payload: Buffer.alloc(1000, 'x'), key });
    const seen: string[] = [];
    const reader = new FrameReader(
      { messageBytes: 4096, fragments: 8 },
      {
        ...SILENT,
        text: () => seen.push('text') > 0,
        closed: (code: number | undefined) => seen.push(`closed ${String(code)}`),
      },
    );
    reader.read(text(1, false).subarray(0, 500));
    reader.discard();
    const rest = [text(1, false).subarray(500), text(0, true), text(1, true), text(1, false), text(0, true)];
    const close = encoded({ opcode: 8, fin: true, payload: Buffer.from([0x03, 0xe8]), key });
    for (const chunk of cut(Buffer.concat([...rest, close]), [300, 1500, 1501, 3700])) reader.read(Buffer.from(chunk));
    expect(seen).to.deep.equal(['closed 1000']);
  });
});
