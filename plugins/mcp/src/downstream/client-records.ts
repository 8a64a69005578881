import type { Log, PluginHost } from '@ai-orchestrator/core/plugin';
import { events } from '@ai-orchestrator/protocol';
import type { KnownClient } from './known-clients.js';
import { eraOf } from './protocol.js';

type Emit = PluginHost<
  unknown,
  Readonly<Record<never, never>>,
  { readonly negotiated: typeof events.mcpNegotiated }
>['emit'];

/** Journals who speaks which revision; a client does not wait for its record. */
export function recordClient(emit: Emit, log: Log): (client: KnownClient) => void {
  return ({ principal, revision, name, version }) => {
    emit(
      events.mcpNegotiated,
      {
        principal,
        era: eraOf(revision),
        protocolVersion: revision,
        ...(name !== undefined && { client: name }),
        ...(version !== undefined && { clientVersion: version }),
      },
      { resource: `principal/${principal}` },
    ).catch((err: unknown) => log.error({ err, principal }, 'a client of /mcp could not be recorded'));
  };
}
