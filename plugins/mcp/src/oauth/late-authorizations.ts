import type { HttpMount, Store } from '@ai-orchestrator/core/plugin';
import type { Authorizations } from './authorizations.js';
import { serversWithCredentials } from './credential-places.js';
import { CALLBACK_PATH, CLIENT_PATH } from './paths.js';

/** The daemon as an OAuth client, whose code is loaded with the first server over HTTP, or the first person who comes back. */
export class LateAuthorizations {
  #loading: Promise<Authorizations> | undefined;

  constructor(private readonly load: () => Promise<Authorizations>) {}

  get(): Promise<Authorizations> {
    return (this.#loading ??= this.load());
  }

  /** Servers of which something is kept, and that went while nobody was there to see it. @param there servers over HTTP */
  async gone(there: ReadonlySet<string>, store: Store): Promise<readonly string[]> {
    return (await serversWithCredentials(store)).filter((server) => !there.has(server));
  }

  /** What is to be mounted; public, because browsers and authorization servers come without a key. */
  mounts(): readonly HttpMount[] {
    return [CALLBACK_PATH, CLIENT_PATH].map((path) => ({
      path,
      methods: ['GET'],
      permission: 'public',
      handle: async (request) => {
        const { answerCallback, answerClientDocument } = await import('./pages.js');
        const answer = path === CALLBACK_PATH ? answerCallback : answerClientDocument;
        return answer(await this.get(), request);
      },
    }));
  }
}
