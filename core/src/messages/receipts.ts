import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { AgentRegistry } from '../agents/agent-registry.js';
import type { Contexts } from '../contexts/contexts.js';
import type { Authorizer } from '../permissions/authorizer.js';
import type { Principal } from '../permissions/principal.js';
import type { Store } from '../store/store.js';
import type { Inboxes } from './inboxes.js';
import { envelopeIn, isPending, messageKey } from './message-text.js';
import type { KeptReceipt, Receipt } from './receipt.js';

/** What is known of a message. */
type Known = Pick<KeptReceipt, 'receipt' | 'sender' | 'contextId'>;

/** Tells what became of messages, to those whom it concerns. */
export class Receipts {
  constructor(
    private readonly store: Store,
    private readonly inboxes: Inboxes,
    private readonly registry: AgentRegistry,
    private readonly authorizer: Authorizer,
    private readonly contexts: Contexts,
  ) {}

  /**
   * For the principal that sent the message, the one whose agent got it, who may read its context, and who administers messages.
   *
   * @throws OrchestratorError `not_found`, also when it concerns somebody else
   */
  async receipt(messageId: string, principal: Principal): Promise<Receipt> {
    const [found] = await this.store.getTexts([messageKey(messageId)]);
    const known = found === undefined ? undefined : await this.#read(found.text);
    if (known !== undefined && (await this.#concerns(known, principal))) return known.receipt;
    throw new OrchestratorError('not_found', `message ${messageId}`, { resource: `message/${messageId}` });
  }

  async #read(text: string): Promise<Known> {
    if (!isPending(text)) return JSON.parse(text) as KeptReceipt;
    const { id, to, from, acceptedAt, correlationId, priority, sequence, contextId } = envelopeIn(text);
    const attempts = (await this.inboxes.lanes.attemptsOf({ lane: to, priority, sequence })) ?? 0;
    const receipt: Receipt = { messageId: id, agent: to, state: 'pending', attempts, acceptedAt };
    return { receipt: correlationId === undefined ? receipt : { ...receipt, correlationId }, sender: from, contextId };
  }

  /** Whether somebody sent a message, has the agent that got it, or administers messages. */
  isParty(principal: Principal, sender: string, agent: string): boolean {
    if (sender === principal.id || this.registry.directory.find(agent)?.owner.id === principal.id) return true;
    return this.authorizer.authorize(principal, 'message:admin').allowed;
  }

  async #concerns({ receipt, sender, contextId }: Known, principal: Principal): Promise<boolean> {
    if (this.isParty(principal, sender, receipt.agent)) return true;
    return contextId !== undefined && (await this.contexts.reads(contextId, principal));
  }
}
