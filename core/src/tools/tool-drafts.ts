import { events } from '@ai-orchestrator/protocol';
import type { DetailsOf, EventDeclaration } from '@ai-orchestrator/protocol';
import { DAEMON } from '../permissions/principal.js';
import type { Call } from '../rpc/call.js';
import type { EventDraft } from '../store/record.js';
import type { JsonValue } from '../store/store.js';
import type { ToolVersion } from './tool-records.js';

/** A version of a tool, as records name it. */
export interface NamedVersion {
  readonly tool: string;
  readonly version: string;
  readonly provider: string;
}

const NAMED = 16;

/** Drafts of the journal's records about the registry of tools. */
export class ToolDrafts {
  /** @param call without it, the daemon does it on its own account */
  constructor(private readonly call?: Call) {}

  registered(of: NamedVersion, definition: string, trust: 'firstUse' | 'approver' | 'known'): EventDraft {
    return this.#draft(events.toolRegistered, { ...of, definition, trust });
  }

  changed(of: NamedVersion, definition: string, before: string): EventDraft {
    return this.#draft(events.toolChanged, { ...of, definition, before });
  }

  quarantined(of: NamedVersion, definition: string, why: string, approved: string | undefined): EventDraft {
    return this.#draft(events.toolQuarantined, {
      ...of,
      definition,
      why,
      ...(approved === undefined ? {} : { approved }),
    });
  }

  restored(of: NamedVersion, definition: string): EventDraft {
    return this.#draft(events.toolRestored, { ...of, definition });
  }

  approved(of: NamedVersion, definition: string, before: string | undefined): EventDraft {
    return this.#draft(events.toolApproved, { ...of, definition, ...(before === undefined ? {} : { before }) });
  }

  rejected(of: NamedVersion, definition: string, reason: string | undefined): EventDraft {
    return this.#draft(events.toolRejected, { ...of, definition, ...(reason === undefined ? {} : { reason }) });
  }

  deprecated(of: NamedVersion, at: string, successor: string | undefined): EventDraft {
    return this.#draft(events.toolDeprecated, { ...of, at, ...(successor === undefined ? {} : { successor }) });
  }

  removed(of: NamedVersion): EventDraft {
    return this.#draft(events.toolRemoved, { ...of });
  }

  refused(of: NamedVersion): EventDraft {
    return { ...this.#draft(events.toolRefused, { ...of }), outcome: 'denied' };
  }

  withdrawn(provider: string, names: readonly string[], reason: string): EventDraft {
    const details = { provider, count: names.length, tools: names.slice(0, NAMED), reason };
    return this.#draft(events.toolWithdrawn, details, `provider/${provider}`);
  }

  returned(provider: string, count: number): EventDraft {
    return this.#draft(events.toolReturned, { provider, count }, `provider/${provider}`);
  }

  #draft<E extends EventDeclaration>(
    event: E,
    details: DetailsOf<E> & Record<string, JsonValue>,
    resource = `tool/${String(details.tool)}`,
  ): EventDraft {
    const traceId = this.call?.traceparent?.split('-')[1];
    const draft = { action: event.name, resource, principal: (this.call?.principal ?? DAEMON).id, details };
    return traceId === undefined ? draft : { ...draft, traceId };
  }
}

/** As records name it. */
export function named({ name, version, stored: { provider } }: ToolVersion): NamedVersion {
  return { tool: name, version, provider };
}
