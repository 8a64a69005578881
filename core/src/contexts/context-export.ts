import type { contextMethods, HandlerParamsOf, ResultOf } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import type { Call } from '../rpc/call.js';
import { Store } from '../store/store.js';
import { ContextAccess } from './context-access.js';
import { cursorText, readCursor } from './context-cursor.js';
import { contextDrafts } from './context-drafts.js';
import { entryKey } from './context-keys.js';
import { ContextLimits } from './context-limits.js';
import { ContextService } from './context-service.js';
import { contextRecord } from './context-view.js';
import { Conversations } from './conversations.js';

const DEFAULT_LIMIT = 100;
const AT_ONCE = 16;

/** Hands out everything of a context as JSON Lines. */
@injectable()
export class ContextExport {
  constructor(
    @inject(Store) private readonly store: Store,
    @inject(Conversations) private readonly conversations: Conversations,
    @inject(ContextAccess) private readonly access: ContextAccess,
    @inject(ContextService) private readonly contexts: ContextService,
    @inject(ContextLimits) private readonly limits: ContextLimits,
  ) {}

  async page(
    { contextId, limit = DEFAULT_LIMIT, cursor }: HandlerParamsOf<typeof contextMethods.contextExport>,
    call: Call,
  ): Promise<ResultOf<typeof contextMethods.contextExport>> {
    const conversation = await this.conversations.get(contextId);
    this.access.expectReader(call.principal, conversation);
    const { context, transcript } = conversation;
    const lines: string[] = [];
    if (cursor === undefined) {
      await this.store.commit({ events: [contextDrafts.exported(contextId, transcript.count, call)] });
      lines.push(JSON.stringify({ context: contextRecord(conversation) }));
    }
    let last = cursor === undefined ? context.first - 1 : readCursor(contextId, 'export', cursor).entry;
    let bytes = 0;
    while (last + 1 < transcript.next && lines.length < limit && bytes < this.limits.pageBytes) {
      const count = Math.min(AT_ONCE, limit - lines.length, transcript.next - 1 - last);
      const keys = Array.from({ length: count }, (_, i) => entryKey(contextId, last + 1 + i));
      for (const found of await this.store.getTexts(keys)) {
        if (found === undefined) continue;
        lines.push(oneLine(found.text));
        bytes += found.text.length;
      }
      last += count;
    }
    const full = lines.length >= limit || bytes >= this.limits.pageBytes;
    if (last + 1 < transcript.next || (full && lines.length > 0)) {
      return { entries: lines, cursor: cursorText(contextId, { kind: 'export', entry: last, summary: 0, upTo: 0 }) };
    }
    return { entries: [...lines, ...(await this.#others(contextId))] };
  }

  /** What other parts of the core add, after the last entry. */
  async #others(contextId: string): Promise<string[]> {
    const lines: string[] = [];
    for (const source of this.contexts.exported) {
      const line = await source.line(contextId);
      if (line !== undefined) lines.push(oneLine(line));
    }
    return lines;
  }
}

/** A payload stands in its entry as it came, maybe with line breaks between its tokens; in strings JSON has none. */
function oneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, ' ') : text;
}
