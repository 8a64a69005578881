import type { Authorizer } from '../permissions/authorizer.js';
import type { Principal } from '../permissions/principal.js';
import type { TimelineItems, TimelineRoot } from './timeline-items.js';
import type { TimelineItem } from './timeline-source.js';

/** Who sees what of timelines: who is party to something, who may read its context, and who may read the journal, which has all of it. */
export class TimelineAccess {
  constructor(
    private readonly authorizer: Authorizer,
    private readonly items: TimelineItems,
  ) {}

  /** What somebody may see, as a question about one item after another of the same timeline. */
  of(principal: Principal): (item: TimelineItem) => Promise<boolean> {
    if (this.authorizer.authorize(principal, 'journal:read').allowed) return () => Promise.resolve(true);
    // Few timelines touch more than one.
    const contexts = new Map<string, boolean>();
    return async (item) => {
      if (item.isParty(principal)) return true;
      if (item.isHidden?.(principal) === true) return false;
      const { contextId } = item;
      if (contextId === undefined) return false;
      let reads = contexts.get(contextId);
      if (reads === undefined) {
        reads = (await this.items.find('context', contextId))?.isParty(principal) ?? false;
        contexts.set(contextId, reads);
      }
      return reads;
    };
  }

  /** What a timeline is of, for who may see it; of a trace one sees what one is party to. */
  async root(id: string, principal: Principal): Promise<TimelineRoot | undefined> {
    const root = await this.items.root(id);
    if (root === undefined || root.kind === 'trace') return root;
    return (await this.of(principal)(root)) ? root : undefined;
  }
}
