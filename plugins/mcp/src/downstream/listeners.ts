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
    const early: string[] = [];
    let acknowledged = false;
    const say = (method: string, said: JsonObject): void => {
      const own = isObject(said._meta) ? said._meta : undefined;
      const text = notification(method, { ...said, _meta: { ...own, ..._meta } });
      if (acknowledged) stream.say(text);
      else if (early.length < this.gateway.limits.subscriptions) early.push(text);
    };
    const undo: (() => void | Promise<void>)[] = [];
    const ended = new Promise<void>((resolve) => {
      const listener: Listener = { view, end: () => resolve() };
      this.#open.add(listener);
      undo.push(() => void this.#open.delete(listener));
      signal.addEventListener('abort', () => resolve());
    });
    try {
      const notifications: JsonObject = {
        ...(await this.#honour(view, filter, say, undo)),
        ...(await this.#follow(view, filter.taskIds, answersForms(clientCapabilities), say, undo)),
      };
      stream.say(notification('notifications/subscriptions/acknowledged', { _meta, notifications }));
      acknowledged = true;
      for (const text of early) stream.say(text);
      await ended;
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

  /** Follows those tasks of ours that are the viewer's; answers which. Those of servers are asked for. */
  async #follow(
    { principal }: View,
    wanted: unknown,
    answers: boolean,
    say: (method: string, params: JsonObject) => void,
    undo: (() => void | Promise<void>)[],
  ): Promise<JsonObject> {
    const ids = Array.isArray(wanted) ? wanted.filter((id) => typeof id === 'string') : [];
    const { own, modern } = this.gateway.tasks;
    const left = new AbortController();
    undo.push(() => left.abort());
    const taskIds: string[] = [];
    for (const taskId of [...new Set(ids)].slice(0, this.gateway.limits.subscriptions)) {
      const follow = own.follow(principal, taskId, answers, left.signal);
      try {
        const first = await follow.next();
        if (first.done === true) continue;
        say('notifications/tasks', modern.shown(first.value));
      } catch (error) {
        this.gateway.log.debug({ err: error }, 'a task cannot be followed');
        continue;
      }
      taskIds.push(taskId);
      this.#tell(follow, say).catch((error: unknown) =>
        this.gateway.log.debug({ err: error, taskId }, 'a task is not followed any more'),
      );
    }
    return taskIds.length === 0 ? {} : { taskIds };
  }

  async #tell(changes: AsyncIterable<WireTask>, say: (method: string, params: JsonObject) => void): Promise<void> {
    for await (const task of changes) say('notifications/tasks', this.gateway.tasks.modern.shown(task));
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
