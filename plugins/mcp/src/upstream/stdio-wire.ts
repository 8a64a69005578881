import type { Clock, ProgramStdio, Timer, Timers } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { readMessages, type Outgoing } from './message.js';
import type { UpstreamLimits } from './upstream-limits.js';
import type { Receiver, Wire } from './wire.js';

const NEWLINE = 10;
const WINDOW_MS = 100;
const EXIT_MS = 500;

/** What a stdio wire needs. */
export interface StdioSurroundings {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly limits: UpstreamLimits;
  /** Told of each line that is no message. */
  readonly garbage: () => void;
}

/**
 * JSON-RPC over a child's stdin and stdout, a message a line [2026-07-28 stdio]. Nothing that the child prints makes it take memory
 * without end: lines are capped, a faster child waits on its pipe, and one that goes on like that breaks the wire.
 */
export class StdioWire implements Wire {
  /** Start of a line whose end has not come. */
  #partial: Buffer[] = [];
  #partialBytes = 0;
  #unread: Buffer | undefined;
  #window: Timer | undefined;
  #bytes = 0;
  #unasked = 0;
  /** Windows in a row at whose end something was held back. */
  #heldBack = 0;
  #garbage = 0;
  #over = false;

  constructor(
    private readonly stdio: ProgramStdio,
    private readonly receiver: Receiver,
    private readonly around: StdioSurroundings,
  ) {
    stdio.stdout.on('data', (chunk: Buffer) => {
      stdio.stdout.pause();
      this.#unread = chunk;
      this.#work();
    });
    stdio.stdout.on('error', (error) => this.#break(`its stdout failed: ${error.message}`));
    // An exit says more, and is seen in a moment.
    stdio.stdout.once('close', () => around.timers.after(EXIT_MS, () => this.#break('it closed its stdout')));
    stdio.stdin.on('error', (error) =>
      around.timers.after(EXIT_MS, () => this.#break(`its stdin failed: ${error.message}`)),
    );
  }

  send(message: Outgoing): void {
    if (this.#over) return;
    const { stdin } = this.stdio;
    if (stdin.writableLength > this.around.limits.unreadBytes) {
      const why = new OrchestratorError('unavailable', 'the server does not read what it is sent');
      if ('id' in message && 'method' in message) this.receiver.failed(message.id, why);
      return;
    }
    stdin.write(`${JSON.stringify(message)}\n`);
  }

  abandon(): void {
    // All share one stream: a late answer is passed over when it comes.
  }

  close(): Promise<void> {
    this.#over = true;
    this.#window?.cancel();
    this.stdio.stdin.end();
    this.stdio.stdout.resume();
    return Promise.resolve();
  }

  #work(): void {
    while (this.#unread !== undefined && this.#withinBudget()) this.#take(this.#unread);
    if (this.#unread === undefined && !this.#over) this.stdio.stdout.resume();
  }

  #withinBudget(): boolean {
    const { bytesPerSecond, unaskedPerSecond, floodMs } = this.around.limits;
    this.#window ??= this.around.timers.after(WINDOW_MS, () => {
      this.#window = undefined;
      this.#bytes = 0;
      this.#unasked = 0;
      this.#heldBack = this.#unread === undefined ? 0 : this.#heldBack + 1;
      if (this.#heldBack * WINDOW_MS >= floodMs) this.#break(`it sent more than is read for ${floodMs} ms`);
      else if (this.#unread !== undefined) this.#work();
    });
    const share = WINDOW_MS / 1000;
    return !this.#over && this.#bytes < bytesPerSecond * share && this.#unasked < unaskedPerSecond * share;
  }

  /** Takes one line, or what there is of it. */
  #take(chunk: Buffer): void {
    const newline = chunk.indexOf(NEWLINE);
    const end = newline === -1 ? chunk.length : newline;
    this.#bytes += end + 1;
    this.#unread = newline === -1 || newline + 1 === chunk.length ? undefined : chunk.subarray(newline + 1);
    if (this.#partialBytes + end > this.around.limits.messageBytes) {
      this.#break(`it sent a message of more than ${this.around.limits.messageBytes} bytes`);
      return;
    }
    if (newline === -1) {
      this.#partial.push(chunk);
      this.#partialBytes += end;
      return;
    }
    if (this.#partialBytes === 0) {
      this.#line(chunk.toString('utf8', 0, end));
      return;
    }
    const whole = Buffer.concat([...this.#partial, chunk.subarray(0, end)]);
    this.#partial = [];
    this.#partialBytes = 0;
    this.#line(whole.toString('utf8'));
  }

  #line(line: string): void {
    if (line.trim() === '') return;
    const messages = readMessages(line);
    if (messages === undefined) {
      this.#noise();
      return;
    }
    for (const message of messages) {
      if (message.kind === 'request' || message.kind === 'notification') this.#unasked += 1;
      this.receiver.received(message, undefined);
    }
  }

  #noise(): void {
    this.#garbage += 1;
    this.#unasked += 1;
    this.around.garbage();
    const { garbageLines } = this.around.limits;
    if (this.#garbage > garbageLines) this.#break(`it printed ${garbageLines} lines that are no messages to stdout`);
  }

  #break(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#window?.cancel();
    this.#unread = undefined;
    this.#partial = [];
    // Left unread: its writer blocks on the pipe until it is ended.
    this.stdio.stdout.pause();
    this.receiver.broken(why);
  }
}
