import {
  DAEMON,
  type Agents,
  type Authorizer,
  type Call,
  type Journal,
  type Log,
  type Messages,
  type Timers,
  type ToolDefinition,
  type ToolInvocation,
  type ToolProvider,
  type ToolProviderHandle,
  type ToolReply,
  type Tools,
} from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { isObject, type JsonValue } from '../upstream/json.js';
import { payloadOf, skillDefinition, type CardSkill } from './skill-definition.js';

/** What skills are offered over. */
export interface OfferedSkillsServices {
  readonly agents: Agents;
  readonly authorizer: Authorizer;
  readonly journal: Journal;
  readonly messages: Messages;
  readonly tools: Tools;
  readonly timers: Timers;
  readonly log: Log;
}

interface OfferedSkill {
  readonly skill: CardSkill;
  readonly definition: ToolDefinition;
}

const PAGE = 100;

/**
 * Offers each skill of the registered agents as a tool, kept in step by the journal. A call is a `message.request` of its caller to
 * whichever agent has the skill, and the caller must be permitted to make one. Where agents disagree on what a version of a skill takes,
 * the first by id is believed.
 */
export class OfferedSkills implements ToolProvider {
  readonly id = 'skills';
  readonly isShared = true;
  readonly #handle: ToolProviderHandle;
  readonly #over = new AbortController();
  readonly #following: Promise<void>;
  /** By name and version. */
  #offered: ReadonlyMap<string, OfferedSkill> = new Map();

  /** @param most skills offered; further ones are left out */
  constructor(
    private readonly services: OfferedSkillsServices,
    private readonly most: number,
  ) {
    this.#handle = services.tools.addProvider(this);
    this.#following = this.#follow().catch((error: unknown) => {
      if (!this.#over.signal.aborted) services.log.error({ err: error }, 'skills are not kept in step any more');
    });
  }

  /** Withdraws all of them. */
  async close(): Promise<void> {
    this.#over.abort('the plugin stops');
    await this.#following;
    await this.#handle.close();
  }

  /** @throws OrchestratorError those of `message.request` */
  async invoke({ tool, arguments: given, caller, signal, timeoutMs, traceparent }: ToolInvocation): Promise<ToolReply> {
    const offered = this.#offered.get(keyOf(tool));
    if (offered === undefined) throw new OrchestratorError('unavailable', 'no agent has this skill any more');
    const { skill } = offered;
    if (!this.services.authorizer.authorize(caller, 'message:request').allowed) {
      throw new OrchestratorError('permission_denied', undefined, { permission: 'message:request' });
    }
    const call: Call = {
      method: 'message.request',
      id: undefined,
      principal: caller,
      session: undefined,
      signal,
      onCancel: (listener) => {
        if (signal.aborted) listener(String(signal.reason));
        else signal.addEventListener('abort', () => listener(String(signal.reason)), { once: true });
      },
      traceparent,
      relayed: Buffer.from(JSON.stringify(payloadOf(skill, given))),
    };
    const to = { skill: skill.id, version: tool.version };
    const { bytes } = await this.services.messages.request({ to, timeoutMs }, call);
    const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8');
    const answer = JSON.parse(text) as JsonValue;
    const shown = typeof answer === 'string' ? answer : text;
    return {
      kind: 'result',
      result: { content: [{ type: 'text', text: shown }], ...(isObject(answer) && { structuredContent: answer }) },
    };
  }

  async #follow(): Promise<void> {
    const { journal } = this.services;
    const { signal } = this.#over;
    const afterSequence = journal.head.sequence;
    await this.#sync();
    const filter = { actions: ['agent.registered', 'agent.deregistered'] };
    // Records come in batches, as many as there were since the last: a storm of registrations is looked at a few times.
    for await (const { entries } of journal.follow({ afterSequence, filter, signal })) {
      if (entries.length > 0) await this.#sync();
    }
  }

  async #sync(): Promise<void> {
    const offered = new Map<string, OfferedSkill>();
    for (const { skill, definition } of this.#skills()) {
      const key = keyOf(definition);
      if (!offered.has(key) && offered.size < this.most) offered.set(key, { skill, definition });
    }
    const refused = await this.#handle.set([...offered.values()].map(({ definition }) => definition));
    for (const { name, reason } of refused) this.services.log.warn({ tool: name, reason }, 'a skill is no tool');
    this.#offered = offered;
  }

  *#skills(): Iterable<OfferedSkill> {
    const { agents } = this.services;
    let cursor: string | undefined;
    do {
      const page = agents.list(DAEMON, { limit: PAGE, ...(cursor !== undefined && { cursor }) });
      for (const { card } of page.entries) {
        for (const skill of card.skills) yield { skill, definition: skillDefinition(card.version, skill) };
      }
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
}

function keyOf({ name, version }: ToolDefinition): string {
  return `${name} ${version}`;
}
