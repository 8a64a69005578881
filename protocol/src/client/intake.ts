import { OrchestratorError } from '../error.js';
import type { ParamsOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import type { AgentOptions } from './agent.js';
import { resultOf } from './agent-tool.js';
import type { Calls } from './calls.js';
import { ConnectionError } from './connection-error.js';
import type { Errands } from './errands.js';
import { Inbox } from './inbox.js';
import type { IncomingCall } from './incoming-calls.js';
import { Message } from './message.js';
import type { ClientLimits } from './options.js';
import { persist } from './persist.js';
import { handlerOf } from './skill.js';
import { Slots } from './slots.js';
import { ToolWork } from './tool-work.js';
import type { Time } from './time.js';
import type { Work } from './work.js';
import { Workbench } from './workbench.js';

/** Used where an agent's options do not say. */
const CONCURRENCY = 32;
const MAX_WAITING = 256;

/** What work that comes to an agent needs of the client. */
export interface IntakeSurroundings {
  readonly calls: Calls;
  readonly errands: Errands;
  readonly limits: ClientLimits;
  readonly random: () => number;
  readonly time: Time;
  readonly report: (error: unknown, where: string) => void;
}

/** What comes to one agent, and who does it. */
export class Intake {
  readonly inbox: Inbox;
  readonly tasks: Workbench;
  readonly #options: AgentOptions;
  readonly #around: IntakeSurroundings;
  readonly #slots: Slots;
  readonly #concurrency: number;
  /** Aborted when the connection on which everything was opened is lost. */
  #opening = new AbortController();

  constructor(options: AgentOptions, around: IntakeSurroundings) {
    this.#options = options;
    this.#around = around;
    this.#concurrency = options.concurrency ?? CONCURRENCY;
    this.#slots = new Slots(this.#concurrency, options.maxWaiting ?? MAX_WAITING);
    this.inbox = new Inbox(around, (message) => this.#work(message));
    this.tasks = new Workbench(around, (task) => this.#work(task));
    for (const [type, entry] of Object.entries(options.messages ?? {})) {
      this.inbox.on(type, entry.handler.bind(entry), entry);
    }
  }

  /** Answers a request. */
  async request(params: ParamsOf<Methods['message.deliver']>, { signal }: IncomingCall): Promise<unknown> {
    return this.#work(new Message(params, signal, this.#around.errands, this.#around.time));
  }

  /** Runs one of the agent's tools. */
  async tool(params: ParamsOf<Methods['tool.invoke']>, { signal }: IncomingCall): Promise<unknown> {
    const { tools = {} } = this.#options;
    const tool = Object.hasOwn(tools, params.name) ? tools[params.name] : undefined;
    if (!tool) throw new OrchestratorError('not_found', `this agent has no tool ${params.name} any more`);
    const work = new ToolWork(params, signal, this.#around.errands);
    return resultOf(await this.#slots.run(signal, () => tool.handler(work.payload, work)));
  }

  /** The agent was registered on a new connection: everything may come. */
  opened(): void {
    this.inbox.connected();
    this.tasks.connected();
    this.#opening.abort();
    this.#opening = new AbortController();
    void this.#open('inbox.open', this.#opening.signal);
    void this.#open('task.open', this.#opening.signal);
  }

  lost(): void {
    this.#opening.abort();
    this.inbox.lost();
    this.tasks.lost();
  }

  /** Lets nothing more come. */
  async drain(): Promise<void> {
    const { agentId } = this.#options;
    const close = async (method: string) => this.#around.calls.start(method, { agentId }, { ofWork: true });
    await Promise.all([close('inbox.close'), close('task.close')]);
  }

  /** Resolves once nothing is being worked on; requests are known to their connection. */
  async idle(): Promise<void> {
    await Promise.all([this.inbox.idle(), this.tasks.idle()]);
  }

  close(): void {
    this.#opening.abort();
    this.inbox.close();
    this.tasks.close();
  }

  async #work(work: Work): Promise<unknown> {
    const handler = handlerOf(this.#options, work.envelope.skill);
    if (!handler) throw unhandled(work, Object.keys(this.#options.skills ?? {}).length > 0);
    return this.#slots.run(work.signal, () => handler(work.payload, work));
  }

  async #open(method: 'inbox.open' | 'task.open', signal: AbortSignal): Promise<void> {
    const { calls, report } = this.#around;
    const params = { agentId: this.#options.agentId, window: Math.min(this.#concurrency, 1_000) };
    const options = { ofWork: true, resumes: true, signal };
    try {
      await persist(() => calls.start(method, params, options), signal, this.#around);
    } catch (error) {
      // The next connection opens it again. Who may not take messages may still answer requests.
      if (!signal.aborted && !(error instanceof ConnectionError)) report(error, method);
    }
  }
}

/** Who asks an agent with several skills for none of them gets no other answer by asking again. */
function unhandled(work: Work, hasSkills: boolean): OrchestratorError {
  if (work.kind !== 'message' && hasSkills) {
    // Which these are is for those who may see the agent.
    return new OrchestratorError('invalid_params', 'this agent has several skills; ask for one of them, not the agent');
  }
  const what = work.kind === 'message' ? `messages of type ${work.envelope.type}` : 'what names none of its skills';
  return new OrchestratorError('agent_unavailable', `this agent has no handler for ${what}`);
}
