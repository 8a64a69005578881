import type { Store } from '../../store/store.js';
import type { TimelineEntry, TimelineItem, TimelineSource } from '../../timeline/timeline-source.js';
import type { ToolCatalogue } from '../tool-catalogue.js';
import { entryOf } from './call-entries.js';
import type { CallEntry } from './call-entries.js';

/** Tool calls as timelines tell them, once they have ended: to their callers, and in a context to who sees the tool. */
export class CallTimeline implements TimelineSource {
  constructor(
    private readonly store: Store,
    private readonly catalogue: Pick<ToolCatalogue, 'find'>,
  ) {}

  async find(id: string): Promise<TimelineItem | undefined> {
    const entry = await entryOf(this.store, id);
    if (entry === undefined) return undefined;
    const { causationId, contextId, traceId, caller, tool } = entry;
    return {
      kind: 'tool',
      id,
      causeId: causationId,
      contextId,
      traceId,
      isParty: (principal) => principal.id === caller,
      isHidden: (principal) => this.catalogue.find(principal, tool) === undefined,
      entries: (from) => Promise.resolve({ entries: from === 0 ? [wholeOf(id, entry)] : [], next: 1, more: false }),
    };
  }
}

function wholeOf(id: string, { tool, version, provider, caller, at, durationMs, outcome }: CallEntry): TimelineEntry {
  return {
    id: `tool/${id}`,
    kind: 'tool',
    at: new Date(at).toISOString(),
    durationMs,
    outcome,
    principal: caller,
    details: { tool, version, provider },
  };
}
