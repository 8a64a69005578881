import type { Put } from '../store/store.js';

/** What a timeline knows of something beside itself: what caused it, and the trace that it belongs to. */
export interface TimelineLinks {
  readonly kind: 'message' | 'task' | 'tool';
  readonly id: string;
  /** Id of the message, task or tool call that it was sent, submitted or made because of. */
  readonly causationId?: string | undefined;
  readonly traceId?: string | undefined;
}

/** Most messages have neither, and this is on the way of each. */
const NOTHING: readonly Put[] = [];

/** Before the ids of what something caused. */
export function causedPrefix(id: string): string {
  return `timeline/caused/${id}/`;
}

/** Before the ids of what belongs to a trace. */
export function tracePrefix(traceId: string): string {
  return `timeline/trace/${traceId}/`;
}

/** The keys by which timelines find something; they go with it. */
export function linkKeys({ id, causationId, traceId }: TimelineLinks): string[] {
  return [
    ...(causationId === undefined ? [] : [causedPrefix(causationId) + id]),
    ...(traceId === undefined ? [] : [tracePrefix(traceId) + id]),
  ];
}

/** What is put so that timelines find something, in the commit that makes it; nothing for what has neither cause nor trace. */
export function linkPuts(links: TimelineLinks): readonly Put[] {
  if (links.causationId === undefined && links.traceId === undefined) return NOTHING;
  return linkKeys(links).map((key) => ({ key, text: `"${links.kind}"` }));
}

/** The trace id in a W3C traceparent. */
export function traceOf(traceparent: string | undefined): string | undefined {
  return traceparent?.slice(3, 35);
}
