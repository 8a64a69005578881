import type { ResultOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import { fromBase64 } from './artifact-chunks.js';

type ReadChunk = ResultOf<Methods['task.readArtifact']>;

/** An artifact, read from the daemon chunk by chunk; over reconnects, since reading twice is harmless. */
export class ArtifactReader implements AsyncIterable<string | Uint8Array> {
  readonly #read: (from: { readonly chunk: number; readonly version?: number }) => Promise<unknown>;

  /** @internal */
  constructor(read: (from: { readonly chunk: number; readonly version?: number }) => Promise<unknown>) {
    this.#read = read;
  }

  /** Its chunks: text as text, anything else as bytes; JSON as its text. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string | Uint8Array, void, void> {
    for await (const { encoding, data } of this.#chunks()) {
      if (encoding === 'base64') yield fromBase64(String(data));
      else yield encoding === 'text' ? String(data) : JSON.stringify(data);
    }
  }

  /** All of it as bytes; text as UTF-8. */
  async bytes(): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    const encoder = new TextEncoder();
    for await (const part of this) parts.push(typeof part === 'string' ? encoder.encode(part) : part);
    const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  /** All of it as text; bytes are taken as UTF-8. */
  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  /** What was added as JSON, or as the text of it. @throws SyntaxError when it is not JSON */
  async json(): Promise<unknown> {
    return JSON.parse(await this.text()) as unknown;
  }

  /** All of one version, though another is written meanwhile. */
  async *#chunks(): AsyncGenerator<ReadChunk, void, void> {
    let version: number | undefined;
    for (let chunk = 0; ; chunk += 1) {
      const read = (await this.#read({ chunk, ...(version === undefined ? {} : { version }) })) as ReadChunk;
      version = read.version;
      yield read;
      if (read.last) return;
    }
  }
}
