import type { Call } from '../../src/rpc/call.js';
import { callBy, card } from '../support/core.js';
import type { startCore } from '../support/core.js';
import type { MemorySession } from '../support/memory-session.js';

export type Core = Awaited<ReturnType<typeof startCore>>;

/** An agent with its connection, and calls about its document. */
export async function echoOf(core: Core) {
  const session = core.connect('key:echo');
  await core.handlers.agentRegister({ agentId: 'echo', card: card() }, callBy(session, 'agent.register'));
  return documentOf(core, session);
}

export function documentOf(core: Core, session: MemorySession) {
  const agentId = 'echo';
  const by = (method: string, value?: unknown): Call => callBy(session, method, value);
  type Put = Omit<Parameters<Core['handlers']['statePut']>[0], 'agentId' | 'field'>;
  return {
    put: (field: string, value: unknown, more: Put = {}) =>
      core.handlers.statePut({ agentId, field, ...more }, by('state.put', value)),
    operate: (field: string, operation: Put) =>
      core.handlers.statePut({ agentId, field, ...operation }, by('state.put')),
    patch: (wanted: Omit<Parameters<Core['handlers']['statePatch']>[0], 'agentId'>) =>
      core.handlers.statePatch({ agentId, ...wanted }, by('state.patch')),
    define: (wanted: Omit<Parameters<Core['handlers']['stateDefine']>[0], 'agentId'>) =>
      core.handlers.stateDefine({ agentId, ...wanted }, by('state.define')),
    resolve: (field: string, revision: number, value?: unknown) =>
      core.handlers.stateResolve({ agentId, field, revision }, by('state.resolve', value)),
    get: (fields?: string[]) =>
      core.handlers.stateGet({ agentId, ...(fields === undefined ? {} : { fields }) }, by('state.get')),
    history: (more: { field?: string; limit?: number; cursor?: string } = {}) =>
      core.handlers.stateHistory({ agentId, ...more }, by('state.history')),
    async values(): Promise<Record<string, unknown>> {
      const { fields } = await this.get();
      return Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]));
    },
  };
}

/** The journal's records about documents. */
export function stateJournal(core: Core): string[] {
  return core.store.journal().filter((line) => line.startsWith('state.'));
}
