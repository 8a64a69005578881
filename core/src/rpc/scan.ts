import { equalBytes } from './bytes.js';

/** Why a frame is refused before anything of it is used. */
export type ScanFault = 'syntax' | 'depth' | 'keys' | 'batch' | 'forbidden_key' | 'duplicate_member';

/** What a frame is, once all of it was seen to be JSON within the limits. */
export type Scanned = 'object' | 'array' | 'scalar' | 'fault';

/** What a frame may hold. */
export interface ScanLimits {
  /** Arrays and objects inside each other, the outermost counted. */
  readonly depth: number;
  /** Members of all objects of a frame together. */
  readonly keys: number;
  /** Elements of a batch. */
  readonly batchCalls: number;
}

/** Places of the envelope's members [JSON-RPC 2.0 §4, §5] in {@link Scanner.from} and {@link Scanner.to}. */
export const MEMBER = { jsonrpc: 0, id: 1, method: 2, params: 3, result: 4, error: 5 } as const;

const MEMBER_COUNT = 6;
/** Members of params whose places are kept; a method that relays one declares far fewer. */
const KEPT_PARAMS = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

const ARRAY = 0;
const OBJECT = 1;
/** The object that is the value of a member named `constructor`. */
const CONSTRUCTOR = 2;

const PROTO = Buffer.from('__proto__');
const CONSTRUCTOR_NAME = Buffer.from('constructor');
const PROTOTYPE = Buffer.from('prototype');
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');
const MEMBERS = Object.entries(MEMBER).map(([name, place]) => ({ place, name, bytes: Buffer.from(name) }));

/** 1: stands for itself in a string; 0: the quote, the backslash and the control characters. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, c) => (c < 0x20 || c === QUOTE || c === BACKSLASH ? 0 : 1));
/** 1: may follow a backslash by itself. */
const ESCAPE = Uint8Array.from({ length: 256 }, (_, c) => ('"\\/bfnrt'.includes(String.fromCharCode(c)) ? 1 : 0));
const HEX = Uint8Array.from({ length: 256 }, (_, c) => (/[0-9a-fA-F]/.test(String.fromCharCode(c)) ? 1 : 0));

/**
 * One pass over a frame that accepts exactly the JSON texts [RFC 8259] within the limits, and says where the members of the
 * envelope and of its params lie. It is total: after it nothing of the frame can turn out to be something else, so a relayed part may
 * be sent on as it came. Names are compared as they read, escapes resolved.
 *
 * The places are valid until the next scan. The bytes must be valid UTF-8; the transport sees to that.
 */
export class Scanner {
  /** Why the last scan answered `fault`. */
  fault: ScanFault = 'syntax';
  /** First byte of each envelope member's value, by {@link MEMBER}; -1 when it is missing. */
  readonly from = new Int32Array(MEMBER_COUNT);
  /** Byte after each envelope member's value. */
  readonly to = new Int32Array(MEMBER_COUNT);
  /** Four places for each member of params: name from and to (without quotes), value from and to. */
  readonly params = new Int32Array(KEPT_PARAMS * 4);
  /** Members of params, also those past the ones kept. */
  paramCount = 0;
  /** Two places for each element of a batch: from and to. */
  readonly elements: Int32Array;
  /** Elements of a batch. */
  elementCount = 0;

  #bytes: Uint8Array = PROTO;
  #end = 0;
  #keys = 0;
  #keyFrom = 0;
  #keyTo = 0;
  #escapes = 0;
  /** Whether the last name was written with an escape. */
  #escaped = false;
  #constructorNext = false;
  readonly #kinds: Uint8Array;

  constructor(private readonly limits: ScanLimits) {
    this.#kinds = new Uint8Array(limits.depth + 1);
    this.elements = new Int32Array(limits.batchCalls * 2);
  }

  /** Whether the value of an envelope member is there. */
  has(member: number): boolean {
    return (this.from[member] as number) >= 0;
  }

  /** Scans a frame, or the part of it between two places. */
  scan(bytes: Uint8Array, start = 0, end = bytes.length): Scanned {
    this.#bytes = bytes;
    this.#end = end;
    this.#keys = 0;
    this.#escapes = 0;
    this.from.fill(-1);
    this.paramCount = 0;
    this.elementCount = 0;
    let i = this.#space(start);
    const first = i < end ? bytes[i] : 0;
    const kind = first === OPEN_BRACE ? 'object' : first === OPEN_BRACKET ? 'array' : 'scalar';
    i = kind === 'object' ? this.#envelope(i) : kind === 'array' ? this.#batch(i) : this.#value(i, 0);
    if (i < 0) return 'fault';
    i = this.#space(i);
    if (i === end) return kind;
    this.#fail('syntax');
    return 'fault';
  }

  /** An object whose members are the envelope's. */
  #envelope(at: number): number {
    const bytes = this.#bytes;
    if (this.#open(1, OBJECT) < 0) return -1;
    let i = this.#space(at + 1);
    if (bytes[i] === CLOSE_BRACE && i < this.#end) return i + 1;
    for (;;) {
      i = this.#key(i, 1);
      if (i < 0) return -1;
      const member = this.#envelopeMember();
      if (member >= 0 && this.has(member)) return this.#fail('duplicate_member');
      const from = (i = this.#space(i));
      i = member === MEMBER.params && i < this.#end && bytes[i] === OPEN_BRACE ? this.#params(i) : this.#value(i, 1);
      if (i < 0) return -1;
      if (member >= 0) {
        this.from[member] = from;
        this.to[member] = i;
      }
      i = this.#space(i);
      if (i >= this.#end) return this.#fail('syntax');
      const c = bytes[i];
      if (c === CLOSE_BRACE) return i + 1;
      if (c !== COMMA) return this.#fail('syntax');
      i = this.#space(i + 1);
    }
  }

  /** The object that is params, at depth 2. */
  #params(at: number): number {
    const bytes = this.#bytes;
    if (this.#open(2, OBJECT) < 0) return -1;
    let i = this.#space(at + 1);
    if (bytes[i] === CLOSE_BRACE && i < this.#end) return i + 1;
    for (;;) {
      i = this.#key(i, 2);
      if (i < 0) return -1;
      const place = this.paramCount++ * 4;
      const keyFrom = this.#keyFrom;
      const keyTo = this.#keyTo;
      const from = this.#space(i);
      i = this.#value(from, 2);
      if (i < 0) return -1;
      if (place < this.params.length) {
        this.params[place] = keyFrom;
        this.params[place + 1] = keyTo;
        this.params[place + 2] = from;
        this.params[place + 3] = i;
      }
      i = this.#space(i);
      if (i >= this.#end) return this.#fail('syntax');
      const c = bytes[i];
      if (c === CLOSE_BRACE) return i + 1;
      if (c !== COMMA) return this.#fail('syntax');
      i = this.#space(i + 1);
    }
  }

  /** An array whose elements are envelopes. */
  #batch(at: number): number {
    const bytes = this.#bytes;
    if (this.#open(1, ARRAY) < 0) return -1;
    let i = this.#space(at + 1);
    if (bytes[i] === CLOSE_BRACKET && i < this.#end) return i + 1;
    for (;;) {
      if (this.elementCount === this.limits.batchCalls) return this.#fail('batch');
      const place = this.elementCount++ * 2;
      const from = this.#space(i);
      i = this.#value(from, 1);
      if (i < 0) return -1;
      this.elements[place] = from;
      this.elements[place + 1] = i;
      i = this.#space(i);
      if (i >= this.#end) return this.#fail('syntax');
      const c = bytes[i];
      if (c === CLOSE_BRACKET) return i + 1;
      if (c !== COMMA) return this.#fail('syntax');
      i++;
    }
  }

  /** Any value; loops instead of recursing, so that nesting costs no stack. Answers the place after it, -1 on a fault. */
  #value(at: number, base: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    const kinds = this.#kinds;
    let depth = base;
    let i = at;
    for (;;) {
      i = this.#space(i);
      if (i >= end) return this.#fail('syntax');
      const c = bytes[i] as number;
      if (c === QUOTE) {
        i = this.#string(i + 1);
      } else if (c === OPEN_BRACE) {
        if (this.#open(++depth, this.#constructorNext ? CONSTRUCTOR : OBJECT) < 0) return -1;
        i = this.#space(i + 1);
        if (i >= end || bytes[i] !== CLOSE_BRACE) {
          i = this.#key(i, depth);
          if (i < 0) return -1;
          continue;
        }
        depth--;
        i++;
      } else if (c === OPEN_BRACKET) {
        if (this.#open(++depth, ARRAY) < 0) return -1;
        i = this.#space(i + 1);
        if (i >= end || bytes[i] !== CLOSE_BRACKET) continue;
        depth--;
        i++;
      } else if (c === MINUS || (c >= ZERO && c <= NINE)) {
        i = this.#number(i);
      } else {
        i = this.#literal(i, c === 0x74 ? TRUE : c === 0x66 ? FALSE : NULL);
      }
      if (i < 0) return -1;
      for (;;) {
        if (depth === base) return i;
        i = this.#space(i);
        if (i >= end) return this.#fail('syntax');
        const next = bytes[i++] as number;
        if (kinds[depth] === ARRAY) {
          if (next === COMMA) break;
          if (next !== CLOSE_BRACKET) return this.#fail('syntax');
        } else {
          if (next === COMMA) {
            i = this.#key(this.#space(i), depth);
            if (i < 0) return -1;
            break;
          }
          if (next !== CLOSE_BRACE) return this.#fail('syntax');
        }
        depth--;
      }
    }
  }

  #open(depth: number, kind: number): number {
    if (depth > this.limits.depth) return this.#fail('depth');
    this.#kinds[depth] = kind;
    this.#constructorNext = false;
    return depth;
  }

  /** A member's name and the colon; answers the place after the colon. */
  #key(at: number, depth: number): number {
    const bytes = this.#bytes;
    if (at >= this.#end || bytes[at] !== QUOTE) return this.#fail('syntax');
    const escapes = this.#escapes;
    let i = this.#string(at + 1);
    if (i < 0) return -1;
    this.#keyFrom = at + 1;
    this.#keyTo = i - 1;
    this.#escaped = this.#escapes !== escapes;
    i = this.#space(i);
    if (i >= this.#end || bytes[i] !== COLON) return this.#fail('syntax');
    if (++this.#keys > this.limits.keys) return this.#fail('keys');
    const length = this.#keyTo - this.#keyFrom;
    this.#constructorNext = false;
    if (length >= PROTO.length && (this.#escaped || length <= CONSTRUCTOR_NAME.length)) {
      if (this.#keyIs(PROTO)) return this.#fail('forbidden_key');
      if (this.#kinds[depth] === CONSTRUCTOR && this.#keyIs(PROTOTYPE)) return this.#fail('forbidden_key');
      this.#constructorNext = this.#keyIs(CONSTRUCTOR_NAME);
    }
    return i + 1;
  }

  #envelopeMember(): number {
    const length = this.#keyTo - this.#keyFrom;
    for (const member of MEMBERS) {
      if ((this.#escaped || length === member.bytes.length) && this.#keyIs(member.bytes)) return member.place;
    }
    return -1;
  }

  #keyIs(name: Buffer): boolean {
    const from = this.#keyFrom;
    const to = this.#keyTo;
    if (this.#escaped) {
      const text = new TextDecoder().decode(this.#bytes.subarray(from - 1, to + 1));
      return JSON.parse(text) === name.toString('latin1');
    }
    return equalBytes(this.#bytes, from, to, name);
  }

  /** The rest of a string, from after its opening quote; answers the place after the closing one. */
  #string(at: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let i = at;
    while (i < end) {
      const c = bytes[i++] as number;
      if (PLAIN[c] === 1) continue;
      if (c === QUOTE) return i;
      if (c !== BACKSLASH || i >= end) return this.#fail('syntax');
      this.#escapes++;
      const e = bytes[i++] as number;
      if (e === 0x75) {
        if (i + 4 > end) return this.#fail('syntax');
        for (const stop = i + 4; i < stop; i++) if (HEX[bytes[i] as number] === 0) return this.#fail('syntax');
      } else if (ESCAPE[e] === 0) return this.#fail('syntax');
    }
    return this.#fail('syntax');
  }

  #number(at: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let i = bytes[at] === MINUS ? at + 1 : at;
    if (i < end && bytes[i] === ZERO) i++;
    else if ((i = this.#digits(i)) < 0) return -1;
    if (i < end && bytes[i] === 0x2e && (i = this.#digits(i + 1)) < 0) return -1;
    if (i < end && ((bytes[i] as number) | 0x20) === 0x65) {
      i++;
      if (i < end && (bytes[i] === 0x2b || bytes[i] === MINUS)) i++;
      return this.#digits(i);
    }
    return i;
  }

  /** One digit or more. */
  #digits(at: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let i = at;
    while (i < end && (bytes[i] as number) >= ZERO && (bytes[i] as number) <= NINE) i++;
    return i > at ? i : this.#fail('syntax');
  }

  #literal(at: number, word: Buffer): number {
    if (at + word.length > this.#end) return this.#fail('syntax');
    for (let i = 0; i < word.length; i++) if (this.#bytes[at + i] !== word[i]) return this.#fail('syntax');
    return at + word.length;
  }

  #space(at: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let i = at;
    while (i < end) {
      const c = bytes[i] as number;
      if (c > 0x20 || (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09)) break;
      i++;
    }
    return i;
  }

  #fail(fault: ScanFault): -1 {
    this.fault = fault;
    return -1;
  }
}
