import { expect } from 'chai';
import type { Tasks } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { JsonObject } from '../../src/upstream/json.js';
import { eventually } from '../upstream/world.js';
import { EventReader, modernHeaders, modernMeta, open, startGateway, type TestUpstream } from './gateway-under-test.js';

const DECLARED = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
const AT = '2026-11-01T00:00:00.000Z';
const [ONE, TWO, THREE] = [1, 2, 3].map((n) => `00000000-0000-7000-8000-00000000000${String(n)}`) as [
  string,
  string,
  string,
];

/** Tasks of ada's that are in the state that the test gives, and what happens to them. */
function tasksOf(
  state: () => string,
  events: (taskId: string, signal: AbortSignal) => AsyncIterable<JsonObject>,
): Tasks {
  const none = () => Promise.reject(new OrchestratorError('task_not_found'));
  const task = (taskId: string) => ({ taskId, from: 'ada', state: state(), createdAt: AT, updatedAt: AT });
  return {
    keepMs: 1_000,
    takes: () => false,
    submit: none,
    get: ({ taskId }: { readonly taskId: string }) => Promise.resolve({ task: task(taskId) }),
    list: () => Promise.resolve({ entries: [] }),
    cancel: none,
    respond: none,
    follow: (taskId: string, _principal: unknown, signal: AbortSignal) => Promise.resolve(events(taskId, signal)),
  } as unknown as Tasks;
}

/** Nothing happens until the signal aborts. */
async function* quiet(signal: AbortSignal): AsyncGenerator<JsonObject> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  yield { entries: [] };
}

async function listen(gateway: { readonly port: number }, notifications: JsonObject): Promise<EventReader> {
  const headers = { ...modernHeaders('subscriptions/listen'), authorization: 'Bearer ada' };
  const params = { _meta: modernMeta(DECLARED), notifications };
  const body = { jsonrpc: '2.0', id: 'L', method: 'subscriptions/listen', params };
  return new EventReader(await open(gateway, 'POST', '/mcp', headers, body));
}

/** What was acknowledged, and the statuses that were told. */
function heard(messages: readonly JsonObject[]): unknown[] {
  return messages.map(({ params, result }) => {
    const said = (params ?? {}) as JsonObject;
    return result === undefined ? (said.notifications ?? said.status ?? said.uri) : 'over';
  });
}

describe('tasks that are followed', () => {
  it('are so many of one principal, of all its streams together, and make room when a stream is left [MCP-182]', async () => {
    const tasks = tasksOf(
      () => 'working',
      (_taskId, signal) => quiet(signal),
    );
    const gateway = await startGateway({ tasks, limits: { followedTasksOfPrincipal: 2 } });
    try {
      const first = await listen(gateway, { taskIds: [ONE, TWO, THREE] });
      const [allowed] = heard(await first.until(3));
      const second = await listen(gateway, { taskIds: [ONE] });
      const [refused] = heard(await second.until(1));
      first.answer.destroy();
      second.answer.destroy();
      await eventually('both are left', () => gateway.status().listeners === 0);
      const third = await listen(gateway, { taskIds: [THREE] });
      const [again] = heard(await third.until(2));
      third.answer.destroy();
      expect([allowed, refused, again]).to.deep.equal([{ taskIds: [ONE, TWO] }, {}, { taskIds: [THREE] }]);
    } finally {
      await gateway.stop();
    }
  });

  it('are told as they are after the acknowledgement, however much is said before it [MCP-183]', async () => {
    const subscribeResource: TestUpstream['subscribeResource'] = (_uri, listener) => {
      for (let i = 0; i < 10; i++) listener({ uri: 'u://one', _meta: { i } });
      return Promise.resolve(() => Promise.resolve());
    };
    const gateway = await startGateway({
      tasks: tasksOf(
        () => 'canceled',
        (_taskId, signal) => quiet(signal),
      ),
      limits: { subscriptions: 1 },
      upstreams: [
        {
          id: 'u',
          capabilities: { resources: { subscribe: true } },
          resources: [{ uri: 'u://one' }],
          subscribeResource,
        },
      ],
    });
    try {
      const stream = await listen(gateway, { resourceSubscriptions: ['u://one'], taskIds: [ONE] });
      const [acknowledged, ...said] = heard(await stream.until((messages) => heard(messages).includes('cancelled')));
      stream.answer.destroy();
      expect([acknowledged, said.at(-1)]).to.deep.equal([
        { resourceSubscriptions: ['u://one'], taskIds: [ONE] },
        'cancelled',
      ]);
    } finally {
      await gateway.stop();
    }
  });

  it('go on where events were missed; a stream whose task is lost sight of ends [MCP-184]', async () => {
    let state = 'working';
    let follows = 0;
    async function* events(): AsyncGenerator<JsonObject> {
      await Promise.resolve();
      if (++follows === 2) yield { entries: [{}] };
      state = 'input-required';
      throw new OrchestratorError(follows === 1 ? 'cursor_expired' : 'too_many_pending');
    }
    const gateway = await startGateway({ tasks: tasksOf(() => state, events) });
    try {
      const stream = await listen(gateway, { taskIds: [ONE] });
      const told = heard(await stream.end());
      // It waits for input, which this client cannot give: at work, and again with why.
      expect([...told, follows]).to.deep.equal([{ taskIds: [ONE] }, 'working', 'working', 'over', 2]);
    } finally {
      await gateway.stop();
    }
  });
});
