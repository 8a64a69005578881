import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { HandlerParamsOf, ResultOf, timelineMethods } from '@ai-orchestrator/protocol';
import type { Principal } from '../permissions/principal.js';
import type { Call } from '../rpc/call.js';
import type { SubscriptionBatch } from '../rpc/session.js';
import { connectionOf } from '../rpc/session-handlers.js';
import type { Journal, JournalEntry } from '../store/journal.js';
import type { TimelineAccess } from './timeline-access.js';
import type { TimelineItems, TimelineRoot } from './timeline-items.js';
import type { TimelineLimits } from './timeline-limits.js';
import { caused, notFound } from './timeline-reads.js';
import type { TimelineEntry, TimelineItem, TimelineKind } from './timeline-source.js';
import { TimelineWalk } from './timeline-walk.js';

type Params = HandlerParamsOf<typeof timelineMethods.timelineWatch>;
type Result = ResultOf<typeof timelineMethods.timelineWatch>;

/** What a watcher remembers of each item. */
interface Member {
  readonly kind: TimelineKind;
  readonly cause: string | undefined;
  readonly visible: boolean;
  /** The first place whose entry it was not told, or may still change. */
  next: number;
}

const MARK = 'timeline:';
const PAGE = 100;

/**
 * Tells a timeline, then what happens from then on. What happens is read from the journal, where each record names what it is about and
 * what caused that, so that whatever becomes part of a timeline is found without being looked for.
 */
export class TimelineWatch {
  constructor(
    private readonly items: TimelineItems,
    private readonly access: TimelineAccess,
    private readonly journal: Journal,
    private readonly limits: TimelineLimits,
  ) {}

  async watch({ id, after }: Params, call: Call): Promise<Result> {
    const session = connectionOf(call);
    const root = await this.access.root(id, call.principal);
    if (root === undefined) throw notFound(id);
    const from = after === undefined ? undefined : sequenceIn(after);
    if (from !== undefined && from > this.journal.head.sequence) {
      throw new OrchestratorError('cursor_expired', 'it is past the last record of the journal; was it restored?', {});
    }
    const cursor = cursorAt(from);
    const follow = (signal: AbortSignal) => this.#follow(root, call.principal, from, signal);
    return { subscriptionId: session.subscribe(follow, cursor, 'timeline:read'), cursor };
  }

  /** @param after what was told already; nothing of it unless said */
  async *#follow(
    root: TimelineRoot,
    principal: Principal,
    after: number | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<SubscriptionBatch> {
    const since = after ?? this.journal.head.sequence;
    const members = new Map<string, Member>();
    const walk = new TimelineWalk(this.items, root, this.access.of(principal), this.limits.depth);
    let told: TimelineEntry[] = [];
    for (let step = await walk.next(); step !== undefined && !signal.aborted; step = await walk.next()) {
      const { item, cause, visible } = step;
      const member = this.#join(members, item, cause, visible);
      if (after !== undefined || !visible) continue;
      for await (const entries of this.#news(item, member)) {
        // Of a reader that goes away meanwhile nothing is known to have been told.
        if (told.length > 0) yield { entries: told, cursor: cursorAt(undefined) };
        told = entries;
      }
    }
    if (told.length > 0) yield { entries: told, cursor: cursorAt(since) };
    let before = since;
    for await (const { entries: records, scannedTo } of this.journal.follow({ afterSequence: since, signal })) {
      // Asked anew, because what somebody may see changes.
      const sees = this.access.of(principal);
      if (!(await this.#staysVisible(root, sees))) throw hidden(root);
      const touched = new Set<string>();
      for (const record of records) {
        const about = await this.#memberOf(record, root, members, sees);
        if (about !== undefined) touched.add(about);
      }
      let news: TimelineEntry[] = [];
      for (const id of touched) {
        const member = members.get(id);
        const item = member?.visible === true ? await this.items.find(member.kind, id) : undefined;
        if (member === undefined || item === undefined || !(await sees(item))) continue;
        for await (const entries of this.#news(item, member)) {
          // Only with the last of it all that these records are about was told.
          if (news.length > 0) yield { entries: news, cursor: cursorAt(before) };
          news = entries;
        }
      }
      if (news.length > 0) yield { entries: news, cursor: cursorAt(scannedTo) };
      before = scannedTo;
    }
  }

  /** Whether who watches may still see what the timeline is of; one that is no more hides nothing. */
  async #staysVisible(root: TimelineRoot, sees: (item: TimelineItem) => Promise<boolean>): Promise<boolean> {
    if (root.kind === 'trace') return true;
    const now = await this.items.find(root.kind, root.id);
    return now === undefined || sees(now);
  }

  /** What a reader was not told of an item, and what may have changed; the item as a whole always. */
  async *#news(item: TimelineItem, member: Member): AsyncGenerator<TimelineEntry[]> {
    if (member.next > 0) {
      const { entries } = await item.entries(0, 1);
      yield entries.map((entry) => caused(entry, { item, cause: member.cause }));
    }
    for (;;) {
      const page = await item.entries(member.next, PAGE);
      member.next = page.next;
      if (page.entries.length > 0) yield page.entries.map((entry) => caused(entry, { item, cause: member.cause }));
      if (!page.more) return;
    }
  }

  /** Id of the member that a record is about; what it tells of may become one by it. */
  async #memberOf(
    record: JournalEntry,
    root: TimelineRoot,
    members: Map<string, Member>,
    sees: (item: TimelineItem) => Promise<boolean>,
  ): Promise<string | undefined> {
    const kind = KINDS.find((each) => record.resource.startsWith(`${each}/`));
    if (kind === undefined) return undefined;
    const id = kind === 'tool' ? callIn(record) : record.resource.slice(kind.length + 1);
    if (members.get(id)?.kind === kind) return id;
    const { contextId } = record.details ?? {};
    const causeId = causeIn(record);
    const above = members.get(causeId);
    const belongs =
      (root.kind === 'context' && contextId === root.id && kind !== 'context') ||
      (root.kind === 'trace' && record.traceId === root.id && kind !== 'context');
    if (above === undefined && !belongs) return undefined;
    const item = await this.items.find(kind, id);
    if (item === undefined) return undefined;
    const cause = above === undefined ? shownRoot(root) : shownAs(causeId, above);
    this.#join(members, item, cause, await sees(item));
    return id;
  }

  #join(members: Map<string, Member>, item: TimelineItem, cause: string | undefined, visible: boolean): Member {
    if (members.size >= this.limits.watchedItems) {
      const limit = this.limits.watchedItems;
      throw new OrchestratorError('limit_exceeded', `the timeline has more than ${String(limit)} items`, { limit });
    }
    const member = { kind: item.kind, cause, visible, next: 0 };
    members.set(item.id, member);
    return member;
  }
}

const KINDS = ['message', 'task', 'context', 'tool'] as const;

/** The call that a record about a tool is of; '' where it is of none. */
function callIn({ action, details: { callId } = {} }: JournalEntry): string {
  return action === 'tool.called' && typeof callId === 'string' ? callId : '';
}

/** Id of what caused that which a record is about, as the record says; '' where it says none. */
function causeIn({ details: { parentTaskId, causationId } = {} }: JournalEntry): string {
  const cause = parentTaskId ?? causationId;
  return typeof cause === 'string' ? cause : '';
}

function hidden({ kind, id }: TimelineRoot): OrchestratorError {
  const resource = `${kind}/${id}`;
  return new OrchestratorError('permission_denied', `${resource} is no longer for you to read`, {
    permission: 'timeline:read',
    resource,
  });
}

function shownRoot(root: TimelineRoot): string | undefined {
  return root.kind === 'trace' ? undefined : `${root.kind}/${root.id}`;
}

/** The entry that stands for a member, or for what is above it. */
function shownAs(id: string, { kind, cause, visible }: Member): string | undefined {
  return visible ? `${kind}/${id}` : cause;
}

/** @param sequence of the last journal record that was told; none while the timeline is being told from its beginning */
function cursorAt(sequence: number | undefined): string {
  return Buffer.from(`${MARK}${sequence === undefined ? '' : String(sequence)}`).toString('base64url');
}

function sequenceIn(cursor: string): number | undefined {
  const match = /^timeline:(\d{0,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (match !== null) return match[1] === '' ? undefined : Number(match[1]);
  const issues = [{ path: '/after', message: 'must come from an earlier answer of timeline.watch' }];
  throw new OrchestratorError('invalid_params', '/after must come from an earlier answer', { issues });
}
