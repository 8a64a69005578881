import type { Authorizer, Principal, Tools } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { noSuchServer, type ManagedServers } from './managed-servers.js';

/** For whom an authorization is begun, or whose is withdrawn. */
export interface AuthorizationFor {
  /** Whose tokens they will be; `undefined` for those that all share. */
  readonly principal: string | undefined;
  /** Who asks in their own name, of whom the person who says yes is told. */
  readonly asker: string | undefined;
}

/**
 * For whom a caller may begin an authorization at a server, or whose it may withdraw: who may `mcp:admin` for anybody, all others for themselves, at a server that
 * has tokens of its own for each caller and that the rules for tools let them use.
 *
 * @param whom who was asked for
 * @throws OrchestratorError `not_found`, as well for who must not know of the server; `permission_denied`
 */
export function mayAuthorize(
  name: string,
  caller: Principal,
  whom: string | undefined,
  managed: ManagedServers,
  { authorizer, tools }: { readonly authorizer: Authorizer; readonly tools: Tools },
): AuthorizationFor {
  if (authorizer.authorize(caller, 'mcp:admin').allowed) {
    managed.find(name);
    return { principal: whom, asker: undefined };
  }
  const provider = `mcp/${name}`;
  const knows = tools.mayUse(caller, provider) || tools.visible(caller).some((tool) => tool.provider === provider);
  if (!knows) throw noSuchServer(name);
  const isOwn = managed.find(name).config.instances === 'per-caller' && (whom ?? caller.id) === caller.id;
  if (isOwn) return { principal: caller.id, asker: caller.id };
  throw new OrchestratorError(
    'permission_denied',
    'without mcp:admin you have a say in your own authorization only, at a server with instances: per-caller',
    { permission: 'mcp:admin', resource: provider },
  );
}
