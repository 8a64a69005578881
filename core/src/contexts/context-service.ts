import { OrchestratorError } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import { Clock } from '../host/time.js';
import type { Principal } from '../permissions/principal.js';
import { Signals } from '../store/signals.js';
import { ContextAccess } from './context-access.js';
import { contextItemKey } from './context-keys.js';
import { ContextLimits } from './context-limits.js';
import type { ContextEntry, ContextPlan, Contexts, EnteredContext, ErasureSource, ExportSource } from './contexts.js';
import type { Conversation, TranscriptPlan } from './conversation.js';
import { Conversations } from './conversations.js';
import { takesPartAs } from './participants.js';

/** The contexts for other parts of the core. */
@injectable()
export class ContextService implements Contexts {
  readonly #sources = new Set<ErasureSource>();
  readonly #exported = new Set<ExportSource>();

  constructor(
    @inject(Clock) private readonly clock: Clock,
    @inject(Conversations) private readonly conversations: Conversations,
    @inject(ContextAccess) private readonly access: ContextAccess,
    @inject(Signals) private readonly signals: Signals,
    @inject(ContextLimits) private readonly limits: ContextLimits,
  ) {}

  /** Everything that keeps content of contexts. */
  get sources(): Iterable<ErasureSource> {
    return this.#sources;
  }

  /** Everything that adds to exports. */
  get exported(): Iterable<ExportSource> {
    return this.#exported;
  }

  async enter(contextId: string, principal: Principal): Promise<EnteredContext> {
    const conversation = await this.conversations.get(contextId);
    this.access.expectReader(principal, conversation);
    conversation.expectOpen();
    const roles = takesPartAs(conversation.context, principal.id).map(({ role }) => role);
    if (roles.some((role) => role !== 'observer')) return this.#entered(conversation);
    throw new OrchestratorError('permission_denied', `you do not speak in ${contextId}`, {
      permission: 'context:use',
      resource: conversation.resource,
    });
  }

  async reenter(contextId: string): Promise<EnteredContext | undefined> {
    const conversation = await this.conversations.find(contextId);
    return conversation === undefined ? undefined : this.#entered(conversation);
  }

  async expectReader(contextId: string, principal: Principal): Promise<void> {
    this.access.expectReader(principal, await this.conversations.get(contextId));
  }

  async reads(contextId: string, principal: Principal): Promise<boolean> {
    const conversation = await this.conversations.find(contextId);
    return conversation !== undefined && this.access.reads(principal, conversation);
  }

  addErasureSource(source: ErasureSource): () => void {
    this.#sources.add(source);
    return () => this.#sources.delete(source);
  }

  addExportSource(source: ExportSource): () => void {
    this.#exported.add(source);
    return () => this.#exported.delete(source);
  }

  #entered(conversation: Conversation): EnteredContext {
    return {
      contextId: conversation.id,
      entryBytes: this.limits.entryBytes,
      get open() {
        return isOpen(conversation);
      },
      agents: (except) =>
        conversation.context.participants.flatMap(({ agent, role }) =>
          agent === undefined || agent === except || role === 'observer' ? [] : [agent],
        ),
      plan: (entry) => this.#plan(conversation, entry),
      note: (entry) =>
        this.#planned(conversation, isOpen(conversation) ? conversation.note([entry], this.clock.now()) : undefined),
      expectOpen: () => {
        conversation.expectOpen();
      },
    };
  }

  #plan(conversation: Conversation, { item, entry }: ContextEntry): ContextPlan {
    if (entry !== undefined || conversation.context.state !== 'closed') conversation.expectOpen();
    const plan = entry === undefined ? undefined : conversation.append([entry], this.clock.now());
    const key = item === undefined ? undefined : contextItemKey(conversation.id, item.kind, item.id);
    return this.#planned(conversation, plan, key);
  }

  #planned(conversation: Conversation, plan: TranscriptPlan | undefined, key?: string): ContextPlan {
    return {
      puts: [...(plan?.puts ?? []), ...(key === undefined ? [] : [{ key, text: 'null' }])],
      done: () => {
        this.signals.raise(conversation.id);
      },
      failed: () => {
        plan?.failed();
      },
    };
  }
}

function isOpen({ context }: Conversation): boolean {
  return context.state === 'open';
}
