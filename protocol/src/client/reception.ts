import type { ParamsOf } from '../method.js';
import type { MethodName, Methods } from '../methods/index.js';
import type { Agents } from './agents.js';
import type { Calls } from './calls.js';
import type { Connection } from './connection.js';
import type { IncomingCalls } from './incoming-calls.js';
import type { Subscriptions } from './subscriptions.js';
import type { WireMessage } from './wire.js';

type Params<M extends MethodName> = ParamsOf<Methods[M]>;

/** Who takes what comes. */
export interface Receivers {
  readonly calls: Calls;
  readonly incoming: IncomingCalls;
  readonly agents: Agents;
  readonly subscriptions: Subscriptions;
  /** The daemon asks to stay away for so many milliseconds once the connection has ended. */
  readonly stayAway: (ms: number) => void;
  readonly report: (error: unknown, where: string) => void;
}

/** Hands every message of the daemon to whom it is for. */
export class Reception {
  readonly #to: Receivers;

  constructor(to: Receivers) {
    this.#to = to;
  }

  /** Takes one message; answers go back on the connection that it came by. */
  receive(message: WireMessage, connection: Connection): void {
    const { method, params } = message;
    if (method === undefined) {
      // Answers to calls that we gave up come late; an error without an id is about something that we sent wrongly.
      if (!this.#to.calls.answer(message) && message.error && message.id === null)
        this.#to.report(message.error, 'daemon');
      return;
    }
    switch (method) {
      case 'request.cancel':
        this.#to.incoming.cancel((params as Params<'request.cancel'>).id);
        return;
      case 'message.partial': {
        const { requestId, payload } = params as Params<'message.partial'>;
        this.#to.calls.part(requestId, payload);
        return;
      }
      case 'tool.progressed': {
        const { requestId, progress, total, message: said } = params as Params<'tool.progressed'>;
        this.#to.calls.part(requestId, {
          progress,
          ...(total === undefined ? {} : { total }),
          ...(said === undefined ? {} : { message: said }),
        });
        return;
      }
      case 'tool.invoke': {
        const invoke = params as Params<'tool.invoke'>;
        const intake = this.#to.agents.intake(invoke.agentId);
        this.#to.incoming.receive(method, message, connection, intake && ((_, call) => intake.tool(invoke, call)));
        return;
      }
      case 'message.deliver': {
        const deliver = params as Params<'message.deliver'>;
        const intake = this.#to.agents.intake(deliver.message.to);
        this.#to.incoming.receive(method, message, connection, intake && ((_, call) => intake.request(deliver, call)));
        return;
      }
      case 'message.handle': {
        const handle = params as Params<'message.handle'>;
        const intake = this.#to.agents.intake(handle.message.to);
        this.#to.incoming.receive(
          method,
          message,
          connection,
          intake && ((_, call) => intake.inbox.receive(handle, call)),
        );
        return;
      }
      case 'task.assign': {
        const assign = params as Params<'task.assign'>;
        const intake = this.#to.agents.intake(assign.task.to);
        this.#to.incoming.receive(method, message, connection, intake && (() => intake.tasks.assign(assign)));
        return;
      }
      case 'task.input':
      case 'task.canceled':
        for (const { tasks } of this.#to.agents.intakes()) {
          if (method === 'task.input') tasks.input(params as Params<'task.input'>);
          else tasks.canceled(params as Params<'task.canceled'>);
        }
        return;
      case 'subscription.events':
        this.#to.subscriptions.events(params as Params<'subscription.events'>);
        return;
      case 'subscription.closed':
        this.#to.subscriptions.closed(params as Params<'subscription.closed'>);
        return;
      case 'agent.replaced':
        this.#to.agents.replaced((params as Params<'agent.replaced'>).agentId);
        break;
      case 'daemon.goingAway':
        this.#to.calls.hold();
        this.#to.stayAway((params as Params<'daemon.goingAway'>).retryAfterMs);
        break;
    }
    this.#to.incoming.receive(method, message, connection);
  }
}
