import {
  DAEMON,
  type Agents,
  type Authorizer,
  type Journal,
  type Log,
  type Messages,
  type Principal,
  type Tasks,
  type Timers,
  type ToolDefinition,
  type ToolInvocation,
  type ToolProvider,
  type ToolProviderHandle,
  type ToolReply,
  type Tools,
} from '@ai-orchestrator/core/plugin';
import { OrchestratorError, type Permission } from '@ai-orchestrator/protocol';
import type { JsonValue } from '../upstream/json.js';
import { callOf } from './call-of.js';
import { skillResult } from './skill-result.js';
import { payloadOf, skillDefinition, type CardSkill } from './skill-definition.js';

/** What skills are offered over. */
export interface OfferedSkillsServices {
  readonly agents: Agents;
  readonly authorizer: Authorizer;
  readonly journal: Journal;
  readonly messages: Messages;
  readonly tasks: Tasks;
  readonly tools: Tools;
  readonly timers: Timers;
  readonly log: Log;
}

interface OfferedSkill {
  readonly skill: CardSkill;
  readonly definition: ToolDefinition;
}

const PAGE = 100;
/** Of a task. */
const MAX_TITLE = 256;

/**
 * Offers each skill of the registered agents as a tool, kept in step by the journal. A call is a `message.request` of its caller to
 * whichever agent has the skill, or a durable task of the caller's where that can follow one; the caller must be permitted to have either.
 * Where agents disagree on what a version of a skill takes, the first by id is believed.
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

  /** @throws OrchestratorError those of `message.request` and `task.submit` */
  async invoke(invocation: ToolInvocation): Promise<ToolReply> {
    const { tool, arguments: given, caller, signal, timeoutMs, traceparent, exchange } = invocation;
    const offered = this.#offered.get(keyOf(tool));
    if (offered === undefined) throw new OrchestratorError('unavailable', 'no agent has this skill any more');
    const { skill } = offered;
    const to = { skill: skill.id, version: tool.version };
    const relayed = payloadOf(skill, given) as JsonValue;
    if (this.#becomesTask(exchange.task, to, caller)) {
      const { taskId, updatedAt } = await this.services.tasks.submit(
        { to, title: (tool.title ?? tool.name).slice(0, MAX_TITLE) },
        callOf('task.submit', caller, { traceparent, relayed }),
      );
      if (signal.aborted) {
        // Nobody would ever know of it.
        const reason = 'its caller gave up before it was told of it';
        await this.services.tasks.cancel({ taskId, reason }, callOf('task.cancel', caller));
        throw new OrchestratorError('canceled', reason);
      }
      return {
        kind: 'task',
        task: { taskId, status: 'working', createdAt: updatedAt, lastUpdatedAt: updatedAt },
      };
    }
    this.#permit(caller, 'message:request');
    const call = callOf('message.request', caller, { signal, traceparent, relayed });
    const { bytes } = await this.services.messages.request({ to, timeoutMs }, call);
    const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8');
    return { kind: 'result', result: skillResult(JSON.parse(text) as JsonValue, text) };
  }

  /** A caller that may be given a task is given one where an agent takes it at once; one that wants a task has it wait for one. */
  #becomesTask(wish: 'may' | 'must' | undefined, to: { skill: string; version: string }, caller: Principal): boolean {
    if (wish === undefined) return false;
    const may = (permission: Permission): boolean => this.services.authorizer.authorize(caller, permission).allowed;
    if (wish === 'may') return may('task:submit') && may('task:read') && this.services.tasks.takes(to, caller);
    this.#permit(caller, 'task:submit');
    this.#permit(caller, 'task:read');
    return true;
  }

  #permit(caller: Principal, permission: Permission): void {
    if (this.services.authorizer.authorize(caller, permission).allowed) return;
    throw new OrchestratorError('permission_denied', undefined, { permission });
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
