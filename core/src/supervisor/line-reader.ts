import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Timer, Timers } from '../host/time.js';

/** Bounds of a {@link LineReader}. */
export interface LineReaderLimits {
  readonly lineBytes: number;
  readonly linesPerSecond: number;
  readonly bytesPerSecond: number;
  /** Held back for this long without a break, it is a flood, milliseconds. */
  readonly floodMs: number;
  /** A longer line never ends. */
  readonly runawayLineBytes: number;
}

/** Who is told what is read. */
export interface LineListener {
  line(line: string, truncated: boolean): void;
  /** Called once: the writer is past all bounds, and should be stopped. */
  runaway(why: string): void;
}

const WINDOW_MS = 100;
const NEWLINE = 10;

/**
 * Reads a stream line by line, at a bounded rate: when a window's budget is used up the stream is left unread until the next one, so
 * that its writer blocks on the pipe instead of filling this process. A line past the limit is cut, its rest passed over unkept.
 */
export class LineReader {
  #unread: Buffer | undefined;
  #line: Buffer[] = [];
  #lineBytes = 0;
  #cut = false;
  #windowEnds: Timer | undefined;
  #lines = 0;
  #bytes = 0;
  #hurried = false;
  /** Bytes of the line at hand, those that are not kept included. */
  #written = 0;
  /** Windows in a row at whose end something was held back. */
  #heldBack = 0;
  #isRunaway = false;
  readonly #ended: Promise<void>;

  constructor(
    private readonly stream: Readable,
    private readonly limits: LineReaderLimits,
    private readonly timers: Timers,
    private readonly listener: LineListener,
  ) {
    this.#ended = new Promise((resolve) => stream.once('close', resolve));
    stream.on('data', (chunk: Buffer) => {
      stream.pause();
      this.#unread = chunk;
      this.#work();
    });
    // A broken pipe ends the stream like any other end; 'close' follows.
    stream.on('error', () => stream.destroy());
  }

  /** Takes what is still in the pipe, without regard to the rate, for at most `limitMs`; then lets go of the stream. */
  async finish(limitMs: number): Promise<void> {
    this.#hurried = true;
    this.#windowEnds?.cancel();
    this.#work();
    const late = new Promise<void>((resolve) => this.timers.after(limitMs, resolve));
    await Promise.race([this.#ended, late]);
    // A loop that was held up runs its timers first: what came in the meantime is read in the turn after them.
    await nextTurn();
    this.stream.destroy();
    this.#unread = undefined;
    if (this.#lineBytes > 0) this.#endLine();
  }

  #work(): void {
    while (this.#unread !== undefined && this.#withinBudget()) this.#take(this.#unread);
    if (this.#unread === undefined) this.stream.resume();
  }

  #withinBudget(): boolean {
    if (this.#hurried) return true;
    const perWindow = WINDOW_MS / 1000;
    this.#windowEnds ??= this.timers.after(WINDOW_MS, () => {
      this.#windowEnds = undefined;
      this.#lines = 0;
      this.#bytes = 0;
      this.#heldBack = this.#unread === undefined ? 0 : this.#heldBack + 1;
      if (this.#heldBack * WINDOW_MS >= this.limits.floodMs) {
        this.#runaway(`it printed more than is read for ${this.limits.floodMs} ms`);
      }
      if (this.#unread !== undefined) this.#work();
    });
    return this.#lines < this.limits.linesPerSecond * perWindow && this.#bytes < this.limits.bytesPerSecond * perWindow;
  }

  /** Takes one line, or what there is of it. */
  #take(chunk: Buffer): void {
    const newline = chunk.indexOf(NEWLINE);
    const end = newline === -1 ? chunk.length : newline;
    const room = this.limits.lineBytes - this.#lineBytes;
    // Copied, because a slice would keep the whole chunk alive.
    if (room > 0 && end > 0) this.#line.push(Buffer.from(chunk.subarray(0, Math.min(end, room))));
    this.#lineBytes += Math.min(end, room);
    this.#cut ||= end > room;
    this.#bytes += end + 1;
    this.#written += end;
    if (this.#written > this.limits.runawayLineBytes) {
      this.#runaway(`it printed a line of more than ${this.limits.runawayLineBytes} bytes`);
    }
    this.#unread = newline === -1 || newline + 1 === chunk.length ? undefined : chunk.subarray(newline + 1);
    if (newline !== -1) this.#endLine();
  }

  #endLine(): void {
    const line = Buffer.concat(this.#line).toString('utf8');
    const truncated = this.#cut;
    this.#line = [];
    this.#lineBytes = 0;
    this.#cut = false;
    this.#written = 0;
    this.#lines += 1;
    this.listener.line(line.endsWith('\r') ? line.slice(0, -1) : line, truncated);
  }

  #runaway(why: string): void {
    if (this.#isRunaway) return;
    this.#isRunaway = true;
    this.listener.runaway(why);
  }
}
