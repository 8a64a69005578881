import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { contextMethods, HandlerParamsOf } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import { Clock } from '../host/time.js';
import type { Call } from '../rpc/call.js';
import { ContextAccess } from './context-access.js';
import { ContextCalls } from './context-calls.js';
import { contextDrafts } from './context-drafts.js';
import type { ContextRecord } from './context-view.js';
import { ContextWriter } from './context-writer.js';
import type { StoredContext } from './stored-context.js';
import { NO_TURN } from './stored-context.js';
import { afterChange, turnNotes } from './turns.js';

type Params<M extends keyof typeof contextMethods> = HandlerParamsOf<(typeof contextMethods)[M]>;

const SETTINGS = ['title', 'turns', 'turnMs', 'retentionMs', 'originalMs'] as const;

/** Changes how a context is led, and ends it. */
@injectable()
export class ContextSettings {
  constructor(
    @inject(Clock) private readonly clock: Clock,
    @inject(ContextWriter) private readonly writer: ContextWriter,
    @inject(ContextCalls) private readonly calls: ContextCalls,
    @inject(ContextAccess) private readonly access: ContextAccess,
  ) {}

  update(params: Params<'contextUpdate'>, call: Call): Promise<ContextRecord> {
    const { contextId } = params;
    const changed = SETTINGS.filter((name) => params[name] !== undefined);
    const settings = Object.fromEntries(changed.map((name) => [name, params[name]]));
    if (changed.length === 0) throw new OrchestratorError('invalid_params', 'say what is to change');
    return this.calls.change(call, params, async (conversation, effect) => {
      this.access.expectModerator(call.principal, conversation);
      conversation.expectOpen();
      const { context, turn } = conversation;
      const now = this.clock.now();
      const changing: StoredContext = { ...context, ...settings, updatedAt: now };
      // Another time of retention: what is due is found out at the next look.
      const next = 'retentionMs' in settings || 'originalMs' in settings ? { ...changing, due: now } : changing;
      const after = { context: next, turn: afterChange(context, next, turn, now) };
      const change = {
        ...after,
        notes: turnNotes({ context, turn }, after, call.principal.id),
        events: () => [contextDrafts.updated(contextId, changed, call)],
      };
      return this.writer.write(conversation, change, effect, () => ({}));
    });
  }

  close(params: Params<'contextClose'>, call: Call): Promise<ContextRecord> {
    return this.calls.change(call, params, async (conversation, effect) => {
      this.access.expectModerator(call.principal, conversation);
      conversation.expectOpen();
      const { context, transcript } = conversation;
      const change = {
        context: { ...context, state: 'closed', updatedAt: this.clock.now() } as const,
        turn: NO_TURN,
        notes: [{ by: call.principal.id, type: 'closed' }],
        events: () => [contextDrafts.closed(context.id, transcript.count, call)],
      };
      return this.writer.write(conversation, change, effect, () => ({}));
    });
  }
}
