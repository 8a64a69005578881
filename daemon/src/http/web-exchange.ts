import type { IncomingMessage, ServerResponse } from 'node:http';
import { OrchestratorError } from '@ai-orchestrator/protocol';

const EMPTY = Buffer.alloc(0);

/**
 * The request as the web platform has it, its body read.
 *
 * @throws OrchestratorError `limit_exceeded` when the body is larger than `bodyBytes`
 */
export async function webRequest(incoming: IncomingMessage, url: string, bodyBytes: number): Promise<Request> {
  const method = incoming.method ?? 'GET';
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headersDistinct)) {
    for (const one of value ?? []) headers.append(name, one);
  }
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers });
  return new Request(url, { method, headers, body: await readBody(incoming, bodyBytes) });
}

/**
 * The body of a request.
 *
 * @throws OrchestratorError `limit_exceeded` when it is larger than `bodyBytes`
 */
export async function readBody(incoming: IncomingMessage, bodyBytes: number): Promise<Buffer> {
  const tooLarge = () =>
    new OrchestratorError('limit_exceeded', `a body has at most ${bodyBytes} bytes`, {
      limit: { name: 'http.bodyBytes', value: bodyBytes },
    });
  if (Number(incoming.headers['content-length'] ?? 0) > bodyBytes) throw tooLarge();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bodyBytes) {
        incoming.pause();
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    // Nearly every body comes in one piece, which need not be copied.
    incoming.on('end', () => resolve(chunks.length === 1 ? (chunks[0] ?? EMPTY) : Buffer.concat(chunks, bytes)));
    incoming.on('error', reject);
    // Every request closes, and an error that nobody sees still takes its stack trace.
    incoming.on('close', () => {
      if (!incoming.readableEnded) reject(new Error('the connection was closed before the body was there'));
    });
  });
}

/** Sends a web response, at the pace at which the client takes it. */
export async function sendWebResponse(response: Response, outgoing: ServerResponse, withBody: boolean): Promise<void> {
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie') outgoing.setHeader(name, value);
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies);
  if (response.body === null || !withBody) {
    outgoing.end();
    return;
  }
  const { Readable } = await import('node:stream');
  const { pipeline } = await import('node:stream/promises');
  await pipeline(Readable.fromWeb(response.body), outgoing);
}
