import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { HandlerParamsOf, ResultOf, timelineMethods } from '@ai-orchestrator/protocol';
import type { Call } from '../rpc/call.js';
import type { TimelineAccess } from './timeline-access.js';
import type { TimelineItems, TimelineRoot } from './timeline-items.js';
import type { TimelineLimits } from './timeline-limits.js';
import type { TimelineEntry } from './timeline-source.js';
import { TimelineWalk } from './timeline-walk.js';
import type { Step } from './timeline-walk.js';

type Params = HandlerParamsOf<typeof timelineMethods.timelineGet>;
type Result = ResultOf<typeof timelineMethods.timelineGet>;

const DEFAULT_LIMIT = 100;
const MARK = 'timeline:';

/** Tells timelines page by page. */
export class TimelineReads {
  constructor(
    private readonly items: TimelineItems,
    private readonly access: TimelineAccess,
    private readonly limits: TimelineLimits,
  ) {}

  async get({ id, limit = DEFAULT_LIMIT, cursor }: Params, { principal }: Call): Promise<Result> {
    const root = await this.access.root(id, principal);
    if (root === undefined) throw notFound(id);
    const walk = new TimelineWalk(this.items, root, this.access.of(principal), this.limits.depth);
    let from = 0;
    let step: Step | undefined;
    if (cursor === undefined) step = await walk.next();
    else {
      const place = placeIn(cursor);
      from = place.from;
      step = await walk.resume(place.itemId);
      if (step === undefined) throw expired(root);
    }
    const entries: TimelineEntry[] = [];
    for (let looked = 0; step !== undefined; looked++) {
      const { item, visible } = step;
      if ((visible && entries.length === limit) || looked >= this.limits.pageItems) {
        return { entries, cursor: cursorAt(item.id, from) };
      }
      if (visible) {
        const page = await item.entries(from, limit - entries.length);
        for (const entry of page.entries) entries.push(caused(entry, step));
        if (page.more) return { entries, cursor: cursorAt(item.id, page.next) };
      }
      from = 0;
      step = await walk.next();
    }
    return { entries };
  }
}

/** An entry as it stands in a timeline: the one about the whole of an item names what caused it. */
export function caused(entry: TimelineEntry, { item, cause }: Pick<Step, 'item' | 'cause'>): TimelineEntry {
  return entry.id === `${item.kind}/${item.id}` && cause !== undefined ? { ...entry, cause } : entry;
}

/** Nothing is known of an id, or nothing that the caller may see. */
export function notFound(id: string): OrchestratorError {
  return new OrchestratorError(
    'not_found',
    `there is no message, task, tool call, context or trace ${id} that you may see`,
    {
      resource: `timeline/${id}`,
    },
  );
}

function expired({ id }: TimelineRoot): OrchestratorError {
  return new OrchestratorError('cursor_expired', `where the timeline of ${id} was read to is no longer known`, {});
}

function cursorAt(itemId: string, from: number): string {
  return Buffer.from(`${MARK}${String(from)}:${itemId}`).toString('base64url');
}

function placeIn(cursor: string): { readonly from: number; readonly itemId: string } {
  const match = /^timeline:(\d{1,15}):(.+)$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match !== null) return { from: Number(match[1]), itemId: match[2] ?? '' };
  const issues = [{ path: '/cursor', message: 'must come from an earlier answer of timeline.get' }];
  throw new OrchestratorError('invalid_params', '/cursor must come from an earlier answer', { issues });
}
