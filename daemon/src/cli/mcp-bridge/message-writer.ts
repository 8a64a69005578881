import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { RequestId } from './mcp-message.js';

/** Writes messages, one a line, no faster than they are read; nothing else ever goes to stdout [MCP, stdio]. */
export class MessageWriter {
  /** @param signal ends the wait for a reader that reads no more */
  constructor(
    private readonly output: Writable,
    private readonly signal: AbortSignal,
  ) {}

  /** @param text one JSON text; its line breaks can only stand between its values */
  async write(text: string): Promise<void> {
    if (this.signal.aborted) return;
    const flowing = this.output.write(`${text.replace(/[\r\n]+/g, ' ').trim()}\n`);
    if (!flowing) await once(this.output, 'drain', { signal: this.signal });
  }

  /** An error of ours, to a request or, without an id, to what could not be read. */
  error(id: RequestId | undefined, code: number, message: string, data?: unknown): Promise<void> {
    return this.write(JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, data } }));
  }
}
