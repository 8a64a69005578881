import { OrchestratorError, type MethodDeclaration } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import { Log } from '../host/log.js';
import type { Handler } from '../plugin/plugin.js';
import type { Decision } from '../permissions/authorizer.js';
import type { Principal } from '../permissions/principal.js';
import { RpcLimits } from './limits.js';
import type { MethodRegistry } from './methods.js';
import { RateLimiter } from './rate-limit.js';
import { RegisteredMethod } from './registered-method.js';
import { RpcMeters } from './rpc-meters.js';

/** Reserved for the specification and its extensions [JSON-RPC 2.0 §4]; this one is OpenRPC's. */
const RESERVED = 'rpc.';
const DISCOVER = 'rpc.discover';

/** Who asks, as far as admission goes. */
export interface Caller {
  readonly principal: Principal | undefined;
  /** The authorizer's decision about its principal; kept as long as the authorizer's version stays. */
  decide(permission: NonNullable<MethodDeclaration['permission']>): Decision;
  /** One more call came before authentication. @throws OrchestratorError when they were too many */
  countUnauthenticated(): void;
}

/** A call that the authorizer refused. */
export interface Denial {
  readonly principal: Principal;
  readonly method: string;
  readonly permission: string;
  readonly reason: string;
}

/** Which methods there are, and who may call them: exists, allowed, metered; the method itself checks the shape. */
@injectable()
export class Dispatcher implements MethodRegistry {
  readonly #methods = new Map<string, RegisteredMethod>();
  readonly #denialListeners = new Set<(denial: Denial) => void>();

  constructor(
    @inject(RateLimiter) private readonly rateLimiter: RateLimiter,
    @inject(RpcMeters) private readonly meters: RpcMeters,
    @inject(RpcLimits) private readonly limits: RpcLimits,
    @inject(Log) private readonly log: Log,
  ) {}

  add(declaration: MethodDeclaration, handler: Handler, owner: string): () => void {
    const { name } = declaration;
    const taken = this.#methods.get(name);
    if (taken !== undefined) {
      throw new Error(`${owner} declares the method ${name}, which ${taken.owner} answers already; rename one of them`);
    }
    if (name.startsWith(RESERVED) && name !== DISCOVER) {
      throw new Error(
        `${owner} declares the method ${name}: names that begin with ${RESERVED} are reserved; rename it`,
      );
    }
    if (declaration.answeredBy !== 'daemon') {
      throw new Error(`${owner} adds a handler for ${name}, which clients answer; only the daemon's methods have one`);
    }
    const method = new RegisteredMethod(declaration, handler, owner, this.meters.method(name), this.limits.issues);
    this.#methods.set(name, method);
    return () => {
      if (this.#methods.get(name) === method) this.#methods.delete(name);
    };
  }

  declarations(): readonly MethodDeclaration[] {
    return [...this.#methods.values()]
      .map((method) => method.declaration)
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /**
   * Compiles the validators that no call has asked for yet, one a turn. Not done when a method is added, because forty of them would
   * take a tenth of the start's time. A schema that does not compile is logged with its owner; its calls are answered `internal_error`.
   */
  async compileAll(): Promise<void> {
    for (const method of this.#methods.values()) {
      await new Promise((resolve) => setImmediate(resolve));
      try {
        method.compile();
      } catch (error) {
        const { name } = method.declaration;
        this.log.error(
          { err: error, method: name, plugin: method.owner },
          'the params schema of a method is not valid',
        );
      }
    }
  }

  /** Called for each call that the authorizer refuses; answers how to stop listening. The listener bounds its own work. */
  onDenied(listener: (denial: Denial) => void): () => void {
    this.#denialListeners.add(listener);
    return () => this.#denialListeners.delete(listener);
  }

  /** The method of this name; `undefined` when there is none. */
  find(name: string): RegisteredMethod | undefined {
    return this.#methods.get(name);
  }

  /**
   * Whether the caller may make this call. Existence comes first, then permission; who may not call learns no shape.
   *
   * @throws OrchestratorError `rate_limited`, `method_not_found`, `unauthenticated` or `permission_denied`
   */
  admit(method: RegisteredMethod | undefined, name: string, caller: Caller): RegisteredMethod {
    const { principal } = caller;
    if (principal === undefined) caller.countUnauthenticated();
    else {
      const retryAfterMs = this.rateLimiter.take(principal);
      if (retryAfterMs > 0) throw new OrchestratorError('rate_limited', undefined, { retryAfterMs });
    }
    if (method === undefined) {
      throw new OrchestratorError('method_not_found', name.length > 64 ? undefined : name);
    }
    const { permission } = method.declaration;
    if (permission === 'public') return method;
    if (principal === undefined) throw new OrchestratorError('unauthenticated');
    const decision = caller.decide(permission);
    if (decision.allowed) return method;
    for (const listener of this.#denialListeners) {
      listener({ principal, method: name, permission, reason: decision.reason });
    }
    throw new OrchestratorError('permission_denied', `${name} needs ${permission}`, { permission });
  }
}
