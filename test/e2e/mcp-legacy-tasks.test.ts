import { expect } from 'chai';
import { connect } from '@ai-orchestrator/protocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { startTestDaemon } from '../support/daemon.js';
import { keyFor, McpClient, untilListed, type Json } from '../support/mcp-client.js';

const QUESTION = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };

describe('tasks through /mcp, revision 2025-11-25', () => {
  it('a client calls a skill as a task, is asked what it asks for, and has its result; it lists and cancels its own [MCP-167]', async () => {
    const daemon = await startTestDaemon({
      config: {
        limits: { tasks: { maxAttempts: 1 } },
        plugins: { mcp: { config: { skills: 10, taskTools: true, downstream: { taskPollMs: 50 } } } },
        tools: { grants: [{ principals: ['ada', 'eve'], providers: ['skills', 'tasks'] }] },
      },
    });
    try {
      const worker = await connect({
        url: daemon.url,
        token: await keyFor(daemon, 'worker'),
        onError: () => undefined,
      });
      await worker.agent({
        agentId: 'asker',
        card: { name: 'Asker', version: '1.0.0' },
        skills: {
          greet: {
            input: { type: 'object', properties: { word: { type: 'string' } } },
            async handler(payload, work) {
              if (work.kind !== 'task') return 'no task';
              const { name } = (await work.needInput('Who?', { schema: QUESTION })) as { name: string };
              return { said: `${(payload as { word: string }).word}, ${name}!` };
            },
          },
          wait: {
            handler: (_payload, work) => new Promise((resolve) => work.signal.addEventListener('abort', resolve)),
          },
          fail: {
            handler() {
              throw new Error('boom');
            },
          },
        },
      });
      const raw = new McpClient(daemon.httpUrl, await keyFor(daemon, 'eve'));
      await untilListed(raw, 'agent__wait');
      const transport = new StreamableHTTPClientTransport(new URL(`${daemon.httpUrl}/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${await keyFor(daemon, 'ada')}` } },
      });
      const client = new Client({ name: 'v1', version: '1.0.0' }, { capabilities: { elicitation: { form: {} } } });
      const asked: unknown[] = [];
      client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
        asked.push([params.message, Object.keys(params._meta ?? {})]);
        return { action: 'accept', content: { name: 'Ada' } };
      });
      await client.connect(transport);
      const { tasks } = client.experimental;
      const begin = async (name: string, given: Json) => {
        const call = { name, arguments: given, task: { ttl: 60_000 } };
        for await (const message of tasks.callToolStream(call, CallToolResultSchema, { task: { ttl: 60_000 } })) {
          if (message.type === 'taskCreated') return message.task.taskId;
          if (message.type === 'error') throw message.error;
        }
        throw new Error('no task was created');
      };
      const stream = tasks.callToolStream({ name: 'agent__greet', arguments: { word: 'Hi' } }, CallToolResultSchema, {
        task: { ttl: 60_000 },
      });
      const types = new Set<string>();
      let result: unknown;
      for await (const message of stream) {
        types.add(message.type);
        if (message.type === 'result') result = message.result.structuredContent;
        if (message.type === 'error') throw message.error;
      }
      const waiting = await begin('agent__wait', {});
      const failing = await begin('agent__fail', {});
      const failed = await tasks.getTaskResult(failing, CallToolResultSchema).catch((error: unknown) => error);
      const canceled = await tasks.cancelTask(waiting);
      const again = await tasks.cancelTask(waiting).catch((error: unknown) => error);
      const listed = await tasks.listTasks();
      const plain = await begin('task_list', {}).catch((error: unknown) => error);
      const wrong = await begin('agent__greet', { word: 1 }).catch((error: unknown) => error);
      const tools = (await client.listTools()).tools;
      await raw.initialize();
      const stranger = (await raw.legacy(2, 'tasks/get', { taskId: waiting })).body.error as Json;
      const strangers = (await raw.legacy(3, 'tasks/list')).body.result as Json;
      const capabilities = client.getServerCapabilities();
      await client.close();
      raw.close();
      await worker.close();
      const code = (error: unknown): unknown => (error as { code?: unknown }).code;
      expect({
        declared: capabilities?.tasks,
        extensions: (capabilities as Json).extensions,
        support: tools.map(({ name, execution }) => [name, execution?.taskSupport]),
        types: ['taskCreated', 'taskStatus', 'result'].filter((type) => types.has(type)),
        asked,
        result,
        failed: code(failed),
        canceled: canceled.status,
        again: code(again),
        listed: listed.tasks.map(({ taskId, status }) => [taskId === waiting || taskId === failing, status]).sort(),
        plain: code(plain),
        wrong: code(wrong),
        stranger: [stranger.code, stranger.message],
        strangers: strangers.tasks,
      }).to.deep.equal({
        declared: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
        extensions: undefined,
        support: [
          ['agent__fail', 'optional'],
          ['agent__greet', 'optional'],
          ['agent__wait', 'optional'],
          ...['task_cancel', 'task_get', 'task_list', 'task_respond', 'task_submit'].map((name) => [name, undefined]),
        ],
        types: ['taskCreated', 'taskStatus', 'result'],
        asked: [['Who?', ['io.modelcontextprotocol/related-task']]],
        result: { said: 'Hi, Ada!' },
        failed: -32603,
        canceled: 'cancelled',
        again: -32602,
        listed: [
          [false, 'completed'],
          [true, 'cancelled'],
          [true, 'failed'],
        ],
        plain: -32601,
        wrong: -32602,
        stranger: [-32602, 'Task not found'],
        strangers: [],
      });
    } finally {
      await daemon.stop();
    }
  });
});
