import type { Permission } from '@ai-orchestrator/protocol';
import { token } from '../plugin/token.js';
import type { Principal } from '../permissions/principal.js';

/** One mounted HTTP resource. Host and Origin were checked, and the caller authorized, before `handle` runs. */
export interface HttpMount {
  /** Exact path, or a prefix that ends with `/`. */
  readonly path: string;
  readonly methods: readonly ('GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD')[];
  /** `'public'` is spelled out. */
  readonly permission: Permission | 'public';
  handle(request: Request, caller: Principal | undefined): Response | Promise<Response>;
}

/** The daemon's one HTTP listener. */
export interface Http {
  /** Whether only this machine can reach it. */
  readonly loopback: boolean;
  /** Answers how to take it away again; a path that is taken throws, naming who has it. */
  mount(mount: HttpMount): () => void;
}
/** Token of {@link Http}. */
export const Http = token<Http>('http');
