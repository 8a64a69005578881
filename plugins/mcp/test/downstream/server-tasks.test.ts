import { expect } from 'chai';
import type { JsonObject } from '../../src/upstream/json.js';
import type { UpstreamAnswer } from '../../src/upstream/upstream.js';
import { modern, startGateway, type TestGateway, type World } from './gateway-under-test.js';

const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
const TIMES = { createdAt: '2026-11-01T00:00:00Z', lastUpdatedAt: '2026-11-01T00:00:01Z', ttlMs: 60_000 };
const NOT_FOUND = { code: -32602, message: 'Task not found' };

/** A server whose tool becomes a task of the id `job-1`, and what it was asked about it. */
function jobServer(get: () => JsonObject) {
  const asked: JsonObject[] = [];
  const world: World = {
    tools: [
      {
        name: 'job',
        provider: 'mcp/worker',
        call: ({ exchange }) =>
          exchange?.task === undefined
            ? { kind: 'result', result: { content: [] } }
            : {
                kind: 'task',
                task: { taskId: 'job-1', status: 'working', ...TIMES, pollIntervalMs: 5, more: 'not ours' },
              },
      },
    ],
    upstreams: [
      {
        id: 'worker',
        era: 'modern',
        capabilities: TASKS,
        answer: (method, params, { caller }): Promise<UpstreamAnswer> => {
          asked.push({ method, params, caller: caller?.id ?? null });
          if (params.taskId !== 'job-1') return Promise.resolve({ kind: 'error', code: -32602, message: 'what?' });
          return Promise.resolve({ kind: 'result', result: method === 'tasks/get' ? get() : {} });
        },
      },
    ],
  };
  return { world, asked };
}

async function result(
  gateway: TestGateway,
  method: string,
  params: JsonObject,
  as = 'ada',
  capabilities: JsonObject = TASKS,
) {
  const { body } = await modern(gateway, method, params, { as, capabilities });
  const { _meta, ...rest } = (body.result ?? body.error) as JsonObject;
  return { ...rest, ...(_meta === undefined ? {} : { ours: true }) } as JsonObject;
}

describe('tasks of servers behind the gateway', () => {
  it('are reached by ids of ours, by whom they were begun for and as long as they may call the tool [MCP-165]', async () => {
    let task: JsonObject = { status: 'working' };
    const { world, asked } = jobServer(() => ({ taskId: 'job-1', ...TIMES, ...task, requestState: 'x' }));
    const gateway = await startGateway(world);
    try {
      const call = { name: 'job', arguments: {} };
      const { capabilities } = await result(gateway, 'server/discover', {});
      const waited = await result(gateway, 'tools/call', call, 'ada', {});
      const begun = await result(gateway, 'tools/call', call);
      const { taskId } = begun as { taskId: string };
      const working = await result(gateway, 'tasks/get', { taskId });
      task = { status: 'input_required', inputRequests: { one: { method: 'elicitation/create', params: {} } } };
      const asks = await result(gateway, 'tasks/get', { taskId });
      const updated = await result(gateway, 'tasks/update', { taskId, inputResponses: { one: { action: 'accept' } } });
      task = { status: 'completed', result: { content: [], isError: true } };
      const completed = await result(gateway, 'tasks/get', { taskId });
      const canceled = await result(gateway, 'tasks/cancel', { taskId });
      const before = asked.length;
      const strangers = [
        await result(gateway, 'tasks/get', { taskId }, 'eve'),
        await result(gateway, 'tasks/cancel', { taskId: 'job-1' }),
        await result(gateway, 'tasks/get', { taskId: `${taskId.slice(0, -2)}AA` }),
      ];
      const tools = world.tools ?? [];
      world.tools = tools.map((tool) => ({ ...tool, seeOnly: true }));
      const lost = [
        await result(gateway, 'tasks/get', { taskId }),
        await result(gateway, 'tasks/update', { taskId, inputResponses: {} }),
      ];
      world.tools = [];
      lost.push(await result(gateway, 'tasks/get', { taskId }));
      const shown = { ...TIMES, taskId, resultType: 'complete', ours: true };
      expect({
        extensions: (capabilities as JsonObject).extensions,
        waited,
        begun,
        hidden: taskId.includes('job-1') || Buffer.from(taskId, 'base64url').includes('job-1'),
        working,
        asks,
        updated,
        completed,
        canceled,
        strangers,
        lost,
        unasked: asked.length - before,
        asked: asked.map(({ method, caller, params }) => [method, caller, (params as JsonObject).inputResponses]),
      }).to.deep.equal({
        extensions: TASKS.extensions,
        waited: { content: [], resultType: 'complete', ours: true },
        begun: { ...shown, status: 'working', pollIntervalMs: 5, resultType: 'task' },
        hidden: false,
        working: { ...shown, status: 'working' },
        asks: {
          ...shown,
          ...{ status: 'input_required', inputRequests: { one: { method: 'elicitation/create', params: {} } } },
        },
        updated: { resultType: 'complete', ours: true },
        completed: { ...shown, status: 'completed', result: { content: [], isError: true } },
        canceled: { resultType: 'complete', ours: true },
        strangers: [NOT_FOUND, NOT_FOUND, NOT_FOUND],
        lost: [NOT_FOUND, NOT_FOUND, NOT_FOUND],
        unasked: 0,
        asked: [
          ['tasks/get', 'ada', undefined],
          ['tasks/get', 'ada', undefined],
          ['tasks/update', 'ada', { one: { action: 'accept' } }],
          ['tasks/get', 'ada', undefined],
          ['tasks/cancel', 'ada', undefined],
        ],
      });
    } finally {
      await gateway.stop();
    }
  });

  it('that are none are an error, as is a task for a client that takes none [MCP-165]', async () => {
    const { world } = jobServer(() => ({ status: 'completed', ...TIMES }));
    const gateway = await startGateway({
      ...world,
      tools: [
        ...(world.tools ?? []),
        { name: 'rude', provider: 'mcp/worker', call: () => ({ kind: 'task', task: { taskId: 'a', ...TIMES } }) },
      ],
    });
    try {
      const { taskId } = (await result(gateway, 'tools/call', { name: 'job' })) as { taskId: string };
      const answers = [
        await result(gateway, 'tasks/get', { taskId }),
        await result(gateway, 'tools/call', { name: 'rude' }),
        await result(gateway, 'tools/call', { name: 'rude' }, 'ada', {}),
      ];
      expect(answers.map((answer) => answer.code)).to.deep.equal([-32603, -32603, -32603]);
    } finally {
      await gateway.stop();
    }
  });

  it('have an id; what their server refuses is said in a bounded message, without its own id [MCP-180]', async () => {
    const { world } = jobServer(() => ({}));
    const [worker] = world.upstreams ?? [];
    if (worker === undefined) throw new Error('there is no server');
    const begins = (taskId: string) => () => ({ kind: 'task' as const, task: { taskId, status: 'working', ...TIMES } });
    const gateway = await startGateway({
      tools: [
        { name: 'nameless', provider: 'mcp/worker', call: begins('') },
        { name: 'short', provider: 'mcp/worker', call: begins('a') },
      ],
      upstreams: [
        {
          ...worker,
          answer: () =>
            Promise.resolve({ kind: 'error', code: -32000, message: 'a'.repeat(200_000), data: { taskId: 'a' } }),
        },
      ],
    });
    try {
      const nameless = await result(gateway, 'tools/call', { name: 'nameless' });
      const { taskId } = (await result(gateway, 'tools/call', { name: 'short' })) as { taskId: string };
      const { message, ...refused } = (await result(gateway, 'tasks/get', { taskId })) as { readonly message: string };
      expect({
        nameless: nameless.code,
        refused,
        length: message.length,
        ours: message.startsWith(taskId),
      }).to.deep.equal({ nameless: -32603, refused: { code: -32000 }, length: 4_096, ours: true });
    } finally {
      await gateway.stop();
    }
  });

  it('are those of the server that began them, also when the tool is withdrawn or moved to another meanwhile [MCP-181]', async () => {
    const { world, asked } = jobServer(() => ({ status: 'working', ...TIMES }));
    const tools = world.tools ?? [];
    let meanwhile: NonNullable<World['tools']> = [];
    world.tools = tools.map((tool) => ({
      ...tool,
      call: (request, caller) => {
        world.tools = meanwhile;
        return tool.call?.(request, caller) ?? { kind: 'result', result: { content: [] } };
      },
    }));
    const offered = world.tools;
    const gateway = await startGateway(world);
    try {
      const began = async () => {
        world.tools = offered;
        const { taskId, status } = (await result(gateway, 'tools/call', { name: 'job' })) as {
          readonly taskId: string;
          readonly status: string;
        };
        const away = await result(gateway, 'tasks/get', { taskId: taskId });
        world.tools = offered;
        const back = await result(gateway, 'tasks/get', { taskId: taskId });
        return [status, away.code, back.status];
      };
      const withdrawn = await began();
      meanwhile = [{ name: 'job', provider: 'mcp/other' }];
      const moved = await began();
      expect({ withdrawn, moved, asked: asked.length }).to.deep.equal({
        withdrawn: ['working', -32602, 'working'],
        moved: ['working', -32602, 'working'],
        asked: 2,
      });
    } finally {
      await gateway.stop();
    }
  });
});
