import * as http from 'node:http';
import * as https from 'node:https';

/** Where the daemon's MCP is, and the key for it. */
export interface McpAddress {
  readonly url: string;
  readonly token: string;
}

/** The head of an answer; its body is still to come. */
export interface McpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: http.IncomingMessage;
}

/** One request over HTTP. */
export interface McpExchange {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** The request did not get as far as the daemon, so that it can be sent again. */
export class NotDelivered extends Error {
  override readonly name = 'NotDelivered';
}

const UNDELIVERED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']);

/** HTTP towards one daemon at a time, over connections that are kept; without the time limits that `fetch` has for long streams. */
export class McpHttp {
  readonly #agents = { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) };

  /**
   * Resolves with the head of the answer. Aborting the signal closes the connection, also while the body is read.
   *
   * @throws NotDelivered when there was no connection, Error when it broke
   */
  send({ url, token }: McpAddress, { method, headers, body, signal }: McpExchange): Promise<McpAnswer> {
    const target = new URL(url);
    const [protocol, { request }] =
      target.protocol === 'https:' ? ['https:' as const, https] : ['http:' as const, http];
    return new Promise((resolve, reject) => {
      const sent = request(target, {
        method,
        agent: this.#agents[protocol],
        signal,
        headers: {
          ...headers,
          Authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
        },
      });
      sent.on('response', (response) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response });
      });
      sent.on('error', (error: NodeJS.ErrnoException) => {
        reject(UNDELIVERED.has(error.code ?? '') ? new NotDelivered(error.message, { cause: error }) : error);
      });
      sent.end(body);
    });
  }

  /** Closes the connections that are kept. */
  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }
}

/** The text of a body. @throws Error when it is longer than may be, in bytes */
export async function bodyText(body: AsyncIterable<Buffer>, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit) throw new Error(`the answer is longer than ${String(limit)} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
