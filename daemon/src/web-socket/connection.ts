import type { RpcLimits, TimingWheel, Transport, TransportListener } from '@ai-orchestrator/core';
import type { Log, Timer } from '@ai-orchestrator/core/plugin';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Cork, Corked } from './cork.js';
import { FrameReader, type FrameLimits, type FrameSink } from './frame-reader.js';
import type { TextFrames } from './text-frames.js';

/** A turn's answers leave at once when there are this many bytes: holding back more than a socket buffer takes only adds delay. */
const CORK_BYTES = 64 * 1024;
/** Intervals in a row without a sign of life after which a peer is dead. */
const MISSED_PINGS = 2;

/** What all connections of a listener share. */
export interface ConnectionSurroundings {
  readonly frames: TextFrames;
  readonly cork: Cork;
  readonly wheel: TimingWheel;
  readonly limits: RpcLimits;
  readonly frameLimits: FrameLimits;
  readonly log: Log;
}

/**
 * One upgraded socket as a session's transport. `ws` shakes hands, pings and closes; text frames are read and built here, the latter
 * written straight to the socket, which is in order with `ws`'s own frames because compression is off and both write at once.
 */
export class Connection implements Transport, Corked, FrameSink {
  readonly remoteAddress: string;
  #listener: TransportListener | undefined;
  #slab: Buffer | undefined;
  #from = 0;
  #to = 0;
  #earlier: Buffer[] = [];
  #pendingBytes = 0;
  #corked = false;
  #missedPings = 0;
  #pingTimer: Timer;

  constructor(
    private readonly ws: WebSocket,
    private readonly socket: Socket,
    private readonly shared: ConnectionSurroundings,
  ) {
    this.remoteAddress = socket.remoteAddress ?? '';
    this.#pingTimer = this.#nextPing();
    // Without a listener an error of the socket would end the process; the connection ends by itself.
    ws.on('error', (error) => {
      shared.log.debug({ err: error, remoteAddress: this.remoteAddress }, 'a connection failed');
    });
    ws.on('close', () => {
      this.#pingTimer.cancel();
      this.#forget();
      this.#listener?.ended();
    });
    // The reader takes the place of the one in `ws`, which makes eight objects a frame: most of what a relayed message costs.
    socket.removeAllListeners('data');
    const reader = new FrameReader(shared.frameLimits, this);
    socket.on('data', (chunk: Buffer) => {
      this.#missedPings = 0;
      reader.push(chunk);
    });
    socket.on('drain', () => {
      this.#tellIfDrained();
    });
  }

  message(payload: Buffer): void {
    this.#listener?.receive(payload);
  }

  ping(payload: Buffer): void {
    // One that asks and never reads is not answered without end; its silence ends it.
    if (this.ws.readyState === this.ws.OPEN && this.bufferedBytes <= this.shared.limits.softSendBytes)
      this.ws.pong(payload);
  }

  pong(): void {
    // Any bytes are a sign of life.
  }

  closedByPeer(code: number, reason: string): void {
    this.close(code, reason);
    this.socket.end();
  }

  /** Who is told what comes. */
  listen(listener: TransportListener): void {
    this.#listener = listener;
  }

  get bufferedBytes(): number {
    return this.#pendingBytes + this.socket.writableLength;
  }

  send(head: string, body: Uint8Array | string = '', tail = ''): void {
    if (this.ws.readyState !== this.ws.OPEN) return;
    const { frames, cork } = this.shared;
    frames.build(head, body, tail);
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

  flush(): void {
    this.#corked = false;
    if (this.#slab === undefined) return;
    let bytes = this.#slab.subarray(this.#from, this.#to);
    if (this.#earlier.length > 0) bytes = Buffer.concat([...this.#earlier, bytes], this.#pendingBytes);
    // What a slow peer leaves lying must not keep a whole slab alive.
    else if (this.socket.writableLength > 0) bytes = Buffer.from(bytes);
    this.#forget();
    if (this.ws.readyState !== this.ws.OPEN) return;
    this.socket.write(bytes);
    this.#tellIfDrained();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  close(code: number, reason: string): void {
    this.flush();
    // A paused socket would never read the answer to the closing handshake.
    this.socket.resume();
    this.ws.close(code, reason);
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
      if (this.#missedPings >= MISSED_PINGS) {
        // Half-open: nobody is there to shake hands with.
        this.ws.terminate();
        return;
      }
      this.#missedPings++;
      if (this.ws.readyState === this.ws.OPEN) this.ws.ping();
      this.#pingTimer = this.#nextPing();
    });
  }
}
