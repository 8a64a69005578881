import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Permission } from '@ai-orchestrator/protocol';
import { token } from '../plugin/token.js';
import type { Principal } from '../permissions/principal.js';

/** A request and its answer as Node has them: for what streams, must notice that the client went away, or may cost next to nothing. */
export interface HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
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
