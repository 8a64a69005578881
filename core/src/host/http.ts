import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Permission } from '@ai-orchestrator/protocol';
import { token } from '../plugin/token.js';
import type { Principal } from '../permissions/principal.js';

/** The head of a request; what Node's `IncomingMessage` is, too. */
export interface HttpRequest {
  readonly method?: string | undefined;
  /** Path and query. */
  readonly url?: string | undefined;
  /** By lower-case name; not to be changed, as another request may have the same. */
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** Where an answer is written; what Node's `ServerResponse` is, too. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headersSent: boolean;
  /** Nothing more reaches the client. */
  readonly destroyed: boolean;
  /** Bytes that wait for a client that does not read. */
  readonly writableLength: number;
  writeHead(status: number, headers?: OutgoingHttpHeaders): unknown;
  /** Sends the head at once, before there is anything of a body. */
  flushHeaders(): void;
  write(text: string): unknown;
  /** @param sent called when all of it was handed to the network, or can never be */
  end(text?: string, sent?: () => void): unknown;
  /** Cuts the client off. */
  destroy(): unknown;
  /** `close`: the answer is over, or the client went away. */
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
}

/** A request and its answer as they are on the wire: for what streams, must notice that the client went away, or may cost next to nothing. */
export interface HttpExchange {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly caller: Principal | undefined;
  /**
   * The request's body, whole.
   *
   * @throws OrchestratorError `limit_exceeded` when it is larger than `http.bodyBytes`
   */
  body(): Promise<Buffer>;
}

/** What is common to the ways of answering. */
interface MountedAt {
  /** Exact path, or a prefix that ends with `/`. */
  readonly path: string;
  readonly methods: readonly ('GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD')[];
  /** `'public'` is spelled out. */
  readonly permission: Permission | 'public';
  /** What `WWW-Authenticate` says [RFC 9110 §11.6.1] to whom this path is refused; `Bearer` to those without a key that will do unless said. */
  readonly challenge?: (refusal: HttpRefusal, path: string) => string | undefined;
}

/** Why somebody is refused: without a credential, with one that is nobody's [RFC 6750 §3.1], or for want of a permission. */
export type HttpRefusal = 'unauthenticated' | 'invalid_token' | 'permission_denied';

/** One mounted HTTP resource. Host and Origin were checked, and the caller authorized, before it answers; in one of two forms. */
export type HttpMount = MountedAt &
  (
    | { handle(request: Request, caller: Principal | undefined): Response | Promise<Response> }
    | {
        /** Resolves once the answer was given; what it throws before its first byte is answered as the error it is. */
        answer(exchange: HttpExchange): void | Promise<void>;
      }
  );

/** The daemon's one HTTP listener. */
export interface Http {
  /** Whether only this machine can reach it. */
  readonly loopback: boolean;
  /** `http://127.0.0.1:7420`; once the daemon listens, which it does after its plugins have started. */
  readonly url: string;
  /** Answers how to take it away again; a path that is taken throws, naming who has it. */
  mount(mount: HttpMount): () => void;
  /** Called once, when the daemon begins to go away: whoever streams without end ends it now, within the drain's time. */
  onDrain(listener: () => void): () => void;
}
/** Token of {@link Http}. */
export const Http = token<Http>('http');
