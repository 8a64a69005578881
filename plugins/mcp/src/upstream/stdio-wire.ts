import type { ProgramStdio, Timers } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { Intake } from './intake.js';
import { readMessages, type Outgoing } from './message.js';
import type { UpstreamLimits } from './upstream-limits.js';
import type { Receiver, Wire } from './wire.js';

const NEWLINE = 10;
/** An exit says more than a closed pipe, and is seen in a moment. */
const EXIT_MS = 500;

/** What a stdio wire needs. */
export interface StdioSurroundings {
  readonly timers: Timers;
  readonly limits: UpstreamLimits;
  /** Told of each line that is no message. */
  readonly garbage: (line: string) => void;
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
  /** Messages of this turn of the event loop: the child gets them in one write. */
  #unsent = '';
  #garbage = 0;
  #over = false;
  readonly #intake: Intake;

  constructor(
    private readonly stdio: ProgramStdio,
    private readonly receiver: Receiver,
    private readonly around: StdioSurroundings,
  ) {
    const { limits, timers } = around;
    const { stdin, stdout } = stdio;
    this.#intake = new Intake(limits, timers, () => this.#break(`it sent more than is read for ${limits.floodMs} ms`));
    stdout.on('data', (chunk: Buffer) => {
      this.#unread = chunk;
      this.#work();
    });
    stdout.on('error', (error) => this.#break(`its stdout failed: ${error.message}`));
    stdout.once('close', () => timers.after(EXIT_MS, () => this.#break('it closed its stdout')));
    stdin.on('error', (error) => timers.after(EXIT_MS, () => this.#break(`its stdin failed: ${error.message}`)));
  }

  send(message: Outgoing): void {
    if (this.#over) return;
    const { stdin } = this.stdio;
    if (stdin.writableLength + this.#unsent.length > this.around.limits.unreadBytes) {
      const why = new OrchestratorError('unavailable', 'the server does not read what it is sent');
      if ('id' in message && 'method' in message) this.receiver.failed(message.id, why);
      return;
    }
    if (this.#unsent === '') setImmediate(() => this.#flush());
    this.#unsent += `${JSON.stringify(message)}\n`;
  }

  abandon(): void {
    // All share one stream: a late answer is passed over when it comes.
  }

  close(): Promise<void> {
    this.#over = true;
    this.#intake.cancel();
    this.#unread = undefined;
    this.#flush();
    this.stdio.stdin.end();
    return Promise.resolve();
  }

  #work(): void {
    while (this.#unread !== undefined && this.#intake.hasRoom) this.#take(this.#unread);
    if (this.#over) return;
    const { stdout } = this.stdio;
    if (this.#unread === undefined) {
      if (stdout.isPaused()) stdout.resume();
    } else {
      stdout.pause();
      this.#intake.wait(() => this.#work());
    }
  }

  #flush(): void {
    const text = this.#unsent;
    this.#unsent = '';
    if (text !== '' && this.stdio.stdin.writable) this.stdio.stdin.write(text);
  }

  /** Takes one line, or what there is of it. */
  #take(chunk: Buffer): void {
    const newline = chunk.indexOf(NEWLINE);
    const end = newline === -1 ? chunk.length : newline;
    this.#intake.count(end + 1, 0);
    this.#unread = newline === -1 || newline + 1 === chunk.length ? undefined : chunk.subarray(newline + 1);
    const { messageBytes } = this.around.limits;
    if (this.#partialBytes + end > messageBytes) {
      this.#break(`it sent a message of more than ${messageBytes} bytes`);
    } else if (newline === -1) {
      this.#partial.push(chunk);
      this.#partialBytes += end;
    } else if (this.#partialBytes === 0) this.#line(chunk.toString('utf8', 0, end));
    else {
      const whole = Buffer.concat([...this.#partial, chunk.subarray(0, end)]);
      this.#partial = [];
      this.#partialBytes = 0;
      this.#line(whole.toString('utf8'));
    }
  }

  #line(line: string): void {
    if (line.trim() === '') return;
    const messages = readMessages(line);
    if (messages === undefined) {
      this.#noise(line);
      return;
    }
    for (const message of messages) {
      if (message.kind === 'request' || message.kind === 'notification') this.#intake.count(0, 1);
      this.receiver.received(message, undefined);
    }
  }

  #noise(line: string): void {
    this.#garbage += 1;
    this.#intake.count(0, 1);
    this.around.garbage(line);
    const { garbageLines } = this.around.limits;
    if (this.#garbage > garbageLines) {
      this.#break(`it printed more than ${garbageLines} lines that are no messages to stdout`);
    }
  }

  #break(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#intake.cancel();
    this.#unread = undefined;
    this.#partial = [];
    // Left unread: its writer blocks on the pipe until it is ended.
    this.stdio.stdout.pause();
    this.receiver.broken(why);
  }
}
