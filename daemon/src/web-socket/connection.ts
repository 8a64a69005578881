import type { RpcLimits, TimingWheel, Transport, TransportListener } from '@ai-orchestrator/core';
import type { Log, Timer } from '@ai-orchestrator/core/plugin';
import type { Socket } from 'node:net';
import type { Cork, Corked } from './cork.js';
import { FrameReader, type FrameLimits, type FrameReceiver } from './frame-reader.js';
import type { FrameWriter } from './frame-writer.js';
import { OPCODE } from './opcode.js';
import type { ReadShare } from './read-share.js';

/** A turn's answers leave at once when there are this many bytes: holding back more than a socket buffer takes only adds delay. */
const CORK_BYTES = 64 * 1024;
/** A read of this many bytes filled its buffer: more is waiting. */
const FULL_READ_BYTES = 64 * 1024;
const EMPTY = Buffer.alloc(0);

/** What all connections of a listener share. */
export interface ConnectionSurroundings {
  readonly frames: FrameWriter;
  readonly cork: Cork;
  readonly readShare: ReadShare;
  readonly wheel: TimingWheel;
  readonly limits: RpcLimits;
  readonly frameLimits: FrameLimits;
  readonly log: Log;
}

/**
 * One upgraded socket as a session's transport [RFC 6455]: `closing` once our close frame is out and the peer's is awaited, `ending`
 * once nothing more is said and the peer has to close the socket, both at most the closing grace.
 */
export class Connection implements Transport, Corked, FrameReceiver {
  readonly remoteAddress: string;
  #state: 'open' | 'closing' | 'ending' = 'open';
  #listener: TransportListener | undefined;
  #slab: Buffer | undefined;
  #from = 0;
  #to = 0;
  #earlier: Buffer[] = [];
  #pendingBytes = 0;
  #corked = false;
  /** Payload of the last ping that came while the peer was not reading. */
  #owedPong: Buffer | undefined;
  /** Whether nothing was heard since the last ping. */
  #pinged = false;
  /** The listener wants to hear nothing for now. */
  #paused = false;
  /** Others go first. */
  #givesWay = false;
  /** The client sends nothing more than what was read already. */
  #heardAll = false;
  readonly #reader: FrameReader;
  #pingTimer: Timer;
  #graceTimer: Timer | undefined;

  /** @param socket upgraded, with a listener for its errors */
  constructor(
    private readonly socket: Socket,
    private readonly shared: ConnectionSurroundings,
  ) {
    this.remoteAddress = socket.remoteAddress ?? '';
    this.#pingTimer = this.#nextPing();
    this.#reader = new FrameReader(shared.frameLimits, this);
    socket.on('data', (chunk: Buffer) => {
      this.#pinged = false;
      this.#read(chunk, 0);
    });
    socket.on('end', () => {
      this.#heardAll = true;
      this.#flowOn();
    });
    socket.on('close', () => {
      this.#state = 'ending';
      this.#pingTimer.cancel();
      this.#graceTimer?.cancel();
      this.#forget();
      this.#listener?.ended();
    });
    socket.on('drain', () => {
      this.#tellIfDrained();
      if (this.#owedPong !== undefined) this.ping(this.#owedPong);
    });
  }

  /** Who is told what comes. */
  listen(listener: TransportListener): void {
    this.#listener = listener;
  }

  get bufferedBytes(): number {
    return this.#pendingBytes + this.socket.writableLength;
  }

  send(head: string, body: Uint8Array | string = '', tail = ''): void {
    if (this.#state !== 'open') return;
    this.shared.frames.text(head, body, tail);
    this.#queue();
  }

  flush(): void {
    this.#corked = false;
    if (this.#slab === undefined) return;
    let bytes = this.#slab.subarray(this.#from, this.#to);
    if (this.#earlier.length > 0) bytes = Buffer.concat([...this.#earlier, bytes], this.#pendingBytes);
    // What a slow peer leaves lying must not keep a whole slab alive.
    else if (this.socket.writableLength > 0) bytes = Buffer.from(bytes);
    this.#forget();
    this.socket.write(bytes);
    this.#tellIfDrained();
  }

  pause(): void {
    this.#paused = true;
    this.socket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#flowOn();
  }

  close(code: number, reason: string): void {
    if (this.#state !== 'open') return;
    this.#sendClose(code, reason);
    this.#state = 'closing';
    this.#awaitPeer();
  }

  text(bytes: Buffer, from: number, to: number): boolean {
    this.#listener?.receive(bytes, from, to);
    return !this.shared.readShare.isUsedUp;
  }

  ping(payload: Buffer): void {
    this.#owedPong = undefined;
    if (this.#state !== 'open') return;
    // Only the last ping of several needs an answer [RFC 6455 §5.5.3]; a peer that does not read gets no queue of them.
    if (this.socket.writableNeedDrain) this.#owedPong = Buffer.from(payload);
    else this.#control(OPCODE.pong, payload);
  }

  closed(code: number | undefined): void {
    if (this.#state === 'open') this.#sendClose(code, '');
    this.#end();
  }

  failed(code: number, reason: string): void {
    this.shared.log.debug({ code, reason, remoteAddress: this.remoteAddress }, 'a client sent a bad frame');
    if (this.#state === 'open') this.#sendClose(code, reason);
    this.#end();
  }

  #sendClose(code: number | undefined, reason: string): void {
    const payload = code === undefined ? EMPTY : Buffer.from(`\0\0${reason}`);
    if (code !== undefined) payload.writeUInt16BE(code);
    this.#control(OPCODE.close, payload);
    this.flush();
  }

  /** Nothing more is sent; what comes is not looked at. */
  #end(): void {
    if (this.#state === 'ending') return;
    this.#state = 'ending';
    this.flush();
    this.socket.end();
    this.#awaitPeer();
  }

  #awaitPeer(): void {
    // A paused socket would never see the peer's close frame or end.
    this.resume();
    this.#graceTimer ??= this.shared.wheel.after(this.shared.limits.closeGraceMs, () => {
      this.socket.destroy();
    });
  }

  #control(opcode: number, payload: Buffer): void {
    this.shared.frames.control(opcode, payload);
    this.#queue();
  }

  /** Queues the frame that was built last. */
  #queue(): void {
    const { frames, cork } = this.shared;
    if (this.#slab !== frames.slab || this.#to !== frames.from) {
      if (this.#slab !== undefined) this.#earlier.push(this.#slab.subarray(this.#from, this.#to));
      this.#slab = frames.slab;
      this.#from = frames.from;
    }
    this.#to = frames.to;
    this.#pendingBytes += frames.to - frames.from;
    if (this.#pendingBytes >= CORK_BYTES) this.flush();
    else if (!this.#corked) {
      this.#corked = true;
      cork.add(this);
    }
  }

  #read(chunk: Buffer, from: number): void {
    if (this.#state === 'closing') this.#reader.discard();
    const to = this.#reader.read(chunk, from);
    if (to < chunk.length || chunk.length >= FULL_READ_BYTES) this.#giveWay(chunk, to);
  }

  /**
   * Goes on in the next turn with what is left: a socket is read up to 32 times before any other, and what was read may be many calls, so
   * that a flood of them would hold up everybody.
   */
  #giveWay(chunk: Buffer, from: number): void {
    this.#givesWay = true;
    this.socket.pause();
    setImmediate(() => {
      this.#givesWay = false;
      if (from < chunk.length && !this.socket.destroyed) this.#read(chunk, from);
      this.#flowOn();
    });
  }

  #flowOn(): void {
    if (this.#givesWay) return;
    if (this.#heardAll) this.#end();
    else if (!this.#paused) this.socket.resume();
  }

  #forget(): void {
    this.#slab = undefined;
    if (this.#earlier.length > 0) this.#earlier = [];
    this.#pendingBytes = 0;
  }

  #tellIfDrained(): void {
    if (this.bufferedBytes === 0) this.#listener?.drained();
  }

  #nextPing(): Timer {
    return this.shared.wheel.after(this.shared.limits.pingIntervalMs, () => {
      if (this.#pinged) {
        // Half-open, found within two intervals of the last sign of life: nobody is there to shake hands with.
        this.socket.destroy();
        return;
      }
      this.#pinged = true;
      if (this.#state === 'open') this.#control(OPCODE.ping, EMPTY);
      this.#pingTimer = this.#nextPing();
    });
  }
}
