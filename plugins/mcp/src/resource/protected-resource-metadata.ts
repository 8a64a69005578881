import type { Authorizer, HttpMount, HttpRefusal } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { AccessSettings, IssuerSettings } from './access-settings.js';
import { isMcpPath, METADATA_PATH } from './protected-paths.js';

/** Refresh tokens are no business of a resource [MCP refresh tokens]. */
const NOT_OURS = 'offline_access';
const NEEDED = 'mcp:use';

/** Who came without a token is told of no error [RFC 6750 §3.1]. */
const ERROR: Readonly<Record<HttpRefusal, readonly string[]>> = {
  unauthenticated: [],
  invalid_token: ['error="invalid_token"'],
  permission_denied: ['error="insufficient_scope"'],
};

/** What /mcp and its sets of tools say about who opens them: metadata [RFC 9728] and challenges [RFC 6750 §3]. */
export class ProtectedResourceMetadata {
  readonly #issuers: readonly IssuerSettings[];

  constructor(
    settings: AccessSettings,
    private readonly publicUrl: () => string,
    private readonly authorizer: Authorizer,
  ) {
    this.#issuers = Object.values(settings.issuers);
  }

  /** Public: whoever has no token yet needs it. A set that is not there looks as one that is. */
  mount(): HttpMount {
    return {
      path: `${METADATA_PATH}/`,
      methods: ['GET'],
      permission: 'public',
      handle: (request) => {
        const path = new URL(request.url).pathname.slice(METADATA_PATH.length);
        if (!isMcpPath(path)) throw new OrchestratorError('not_found', 'no resource is described at this path');
        return Response.json(this.#document(path));
      },
    };
  }

  /** `WWW-Authenticate` for whom a path is refused. */
  readonly challenge = (refusal: HttpRefusal, path: string): string => {
    const place = isMcpPath(path) ? path : '/mcp';
    const scope = this.#leastScope();
    const parameters = [
      ...ERROR[refusal],
      `resource_metadata="${this.publicUrl()}${METADATA_PATH}${place}"`,
      ...(scope === undefined ? [] : [`scope="${scope}"`]),
    ];
    return `Bearer ${parameters.join(', ')}`;
  };

  #document(path: string): object {
    const scopes = this.#issuers.flatMap((issuer) => Object.keys(issuer.scopes)).filter((scope) => scope !== NOT_OURS);
    return {
      resource: this.publicUrl() + path,
      authorization_servers: this.#issuers.map(({ issuer }) => issuer),
      scopes_supported: [...new Set(scopes)],
      bearer_methods_supported: ['header'],
      resource_name: 'AI Orchestrator',
    };
  }

  /** The first scope whose roles may use /mcp at all. */
  #leastScope(): string | undefined {
    const all = this.#issuers.flatMap(({ scopes }) => Object.entries(scopes));
    return all.find(([scope, roles]) => {
      const holder = { id: 'somebody', kind: 'user', roles, credentialId: 'none' } as const;
      return scope !== NOT_OURS && this.authorizer.authorize(holder, NEEDED).allowed;
    })?.[0];
  }
}
