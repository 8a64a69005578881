import { timelineMethods } from '@ai-orchestrator/protocol';
import { corePart } from '../core-part.js';
import type { Journal } from '../store/journal.js';
import { TimelineAccess } from './timeline-access.js';
import { TimelineItems } from './timeline-items.js';
import { TIMELINE_LIMITS } from './timeline-limits.js';
import { TimelineReads } from './timeline-reads.js';
import type { TimelineKind, TimelineSource } from './timeline-source.js';
import { TimelineWatch } from './timeline-watch.js';

/** What happened because of what. */
export const timelinePart = corePart({
  methods: { timelineGet: timelineMethods.timelineGet, timelineWatch: timelineMethods.timelineWatch },
  events: {},
  start(
    { store, authorizer, limits: { timelines } },
    {
      journal,
      timelineSources,
    }: { readonly journal: Journal; readonly timelineSources: Readonly<Record<TimelineKind, TimelineSource>> },
  ) {
    const limits = { ...TIMELINE_LIMITS, ...timelines };
    const items = new TimelineItems(store, timelineSources);
    const access = new TimelineAccess(authorizer, items);
    const reads = new TimelineReads(items, access, limits);
    const watches = new TimelineWatch(items, access, journal, limits);
    return {
      services: {},
      handlers: {
        timelineGet: (params, call) => reads.get(params, call),
        timelineWatch: (params, call) => watches.watch(params, call),
      },
    };
  },
});
