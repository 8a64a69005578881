import type { Cancellation } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { WireTask } from '../tasks/task-wire.js';
import { isObject, type JsonObject } from '../upstream/json.js';
import type { Upstream } from '../upstream/upstream.js';
import type { Kind, Watcher } from './changes.js';
import { answersForms, checkTasks } from './client-capabilities.js';
import type { Gateway } from './gateway.js';
import type { View } from './operation.js';
import { META, type RequestId } from './protocol.js';
import { invalidParams } from './rpc-error.js';
import { notification } from './session.js';

/** Where a listener's messages go. */
export interface ListeningStream {
  say(message: string): void;
}

/** A task with what becomes of it, which is looked for only once it is asked for. */
interface FollowedTask {
  readonly taskId: string;
  readonly now: WireTask;
  readonly changes: AsyncGenerator<WireTask>;
}

interface Listener {
  readonly view: View;
  readonly end: () => void;
}

/** Which member of the filter asks for which listing. */
const FILTER: Readonly<Record<Kind, string>> = {
  tools: 'toolsListChanged',
  prompts: 'promptsListChanged',
  resources: 'resourcesListChanged',
};

/** `subscriptions/listen`: the long streams of modern clients [MCP 2026-07-28, basic/patterns/subscriptions]. */
export class Listeners {
  readonly #open = new Set<Listener>();

  constructor(private readonly gateway: Gateway) {}

  get size(): number {
    return this.#open.size;
  }

  /**
   * Listens until the signal says that the client left, or the gateway ends it; only in the latter case is there a result to answer.
   *
   * @throws RpcError -32602; OrchestratorError `limit_exceeded`
   */
  async listen(
    view: View,
    id: RequestId,
    params: JsonObject,
    stream: ListeningStream,
    signal: Cancellation,
    clientCapabilities: JsonObject,
  ): Promise<JsonObject> {
    const filter = params.notifications;
    if (!isObject(filter)) throw invalidParams('params.notifications is missing: say what to listen for');
    if (filter.taskIds !== undefined) checkTasks(clientCapabilities);
    this.#checkRoom(view);
    const _meta = { [META.subscription]: id };
    // Of what is said before the acknowledgement each is kept once: a listing or a resource changed, however often.
    const early = new Set<string>();
    let acknowledged = false;
    const say = (method: string, said: JsonObject): void => {
      const own = isObject(said._meta) ? said._meta : undefined;
      const text = notification(method, { ...said, _meta: { ...own, ..._meta } });
      if (acknowledged) stream.say(text);
      else if (early.size < this.gateway.limits.subscriptions + Object.keys(FILTER).length) early.add(text);
    };
    const undo: (() => void | Promise<void>)[] = [];
    const ended = new Promise<void>((resolve) => {
      const listener: Listener = { view, end: () => resolve() };
      this.#open.add(listener);
      undo.push(() => void this.#open.delete(listener));
      signal.addEventListener('abort', () => resolve());
    });
    try {
      const honoured = await this.#honour(view, filter, say, undo);
      const followed = await this.#follow(view, filter.taskIds, answersForms(clientCapabilities), undo);
      const taskIds = followed.map(({ taskId }) => taskId);
      const notifications: JsonObject = { ...honoured, ...(taskIds.length > 0 && { taskIds }) };
      stream.say(notification('notifications/subscriptions/acknowledged', { _meta, notifications }));
      acknowledged = true;
      for (const text of early) stream.say(text);
      // A stream whose task is lost sight of ends, so that its client listens anew.
      await Promise.race([ended, this.#tell(followed, say)]);
    } finally {
      for (const leave of undo) {
        Promise.resolve(leave()).catch((error: unknown) =>
          this.gateway.log.debug({ err: error }, 'a subscription could not be ended at its server'),
        );
      }
    }
    return { _meta };
  }

  /** Ends those that came by a credential, or all: each is told that it was on purpose. */
  end(credentialId?: string): void {
    for (const { view, end } of this.#open) {
      if (credentialId === undefined || view.principal.credentialId === credentialId) end();
    }
  }

  #checkRoom({ principal }: View): void {
    const { listeners, listenersOfPrincipal } = this.gateway.limits;
    const own = [...this.#open].filter(({ view }) => view.principal.id === principal.id).length;
    if (this.#open.size < listeners && own < listenersOfPrincipal) return;
    throw new OrchestratorError('limit_exceeded', 'too many streams listen already; close some first', {
      limit: { name: 'downstream.listenersOfPrincipal', value: listenersOfPrincipal },
    });
  }

  /** Begins what of the filter can be had; answers that much of it. */
  async #honour(
    view: View,
    filter: JsonObject,
    say: (method: string, params: JsonObject) => void,
    undo: (() => void | Promise<void>)[],
  ): Promise<JsonObject> {
    const kinds = (Object.keys(FILTER) as Kind[]).filter((kind) => filter[FILTER[kind]] === true);
    const watcher: Watcher = {
      view,
      changed: (kind) => {
        if (kinds.includes(kind)) say(`notifications/${kind}/list_changed`, {});
      },
    };
    if (kinds.length > 0) undo.push(this.gateway.changes.watch(watcher));
    const wanted = Array.isArray(filter.resourceSubscriptions) ? filter.resourceSubscriptions : [];
    const uris = [...new Set(wanted.filter((uri) => typeof uri === 'string'))];
    const honoured: string[] = [];
    for (const uri of uris.slice(0, this.gateway.limits.subscriptions)) {
      const holder = this.gateway.catalogue.holdersOf(view, uri)[0];
      if (holder === undefined) continue;
      try {
        undo.push(await this.#subscribe(view, holder, uri, say));
        honoured.push(uri);
      } catch (error) {
        this.gateway.log.debug({ err: error, upstream: holder.id }, 'a resource cannot be subscribed to');
      }
    }
    return {
      ...Object.fromEntries(kinds.map((kind) => [FILTER[kind], true])),
      ...(honoured.length > 0 && { resourceSubscriptions: honoured }),
    };
  }

  /** Follows those tasks of ours that are the viewer's. Those of servers are asked for. */
  async #follow(
    { principal }: View,
    wanted: unknown,
    answers: boolean,
    undo: (() => void | Promise<void>)[],
  ): Promise<readonly FollowedTask[]> {
    const ids = Array.isArray(wanted) ? wanted.filter((id) => typeof id === 'string') : [];
    const { own } = this.gateway.tasks;
    const left = new AbortController();
    undo.push(() => left.abort());
    const followed: FollowedTask[] = [];
    for (const taskId of [...new Set(ids)].slice(0, this.gateway.limits.subscriptions)) {
      const follow = own.follow(principal, taskId, answers, left.signal);
      try {
        const first = await follow.next();
        if (first.done === true) continue;
        followed.push({ taskId, now: first.value, changes: follow });
        undo.push(async () => {
          await follow.return(undefined);
        });
      } catch (error) {
        this.gateway.log.debug({ err: error }, 'a task cannot be followed');
      }
    }
    return followed;
  }

  /** Tells each task as it is, and each change of it; resolves once one of them cannot be followed any more. */
  #tell(followed: readonly FollowedTask[], say: (method: string, params: JsonObject) => void): Promise<void> {
    const tell = (task: WireTask): void => say('notifications/tasks', this.gateway.tasks.modern.shown(task));
    return new Promise((resolve) => {
      for (const { taskId, now, changes } of followed) {
        tell(now);
        const telling = async (): Promise<void> => {
          for await (const task of changes) tell(task);
        };
        telling().catch((error: unknown) => {
          this.gateway.log.debug({ err: error, taskId }, 'a task cannot be followed any more; the stream ends');
          resolve();
        });
      }
    });
  }

  /** Subscribes for as long as the viewer may use whose resource it is; answers how to leave before. */
  async #subscribe(
    view: View,
    holder: Upstream,
    uri: string,
    say: (method: string, params: JsonObject) => void,
  ): Promise<() => Promise<void>> {
    let leave: (() => Promise<void>) | undefined;
    const quit = async (): Promise<void> => {
      const left = leave;
      leave = undefined;
      await left?.();
    };
    leave = await holder.subscribeResource(uri, (params) => {
      if (this.gateway.catalogue.offers(view, holder)) {
        say('notifications/resources/updated', params);
        return;
      }
      quit().catch((error: unknown) =>
        this.gateway.log.debug({ err: error }, 'a subscription could not be ended at its server'),
      );
    });
    return quit;
  }
}
