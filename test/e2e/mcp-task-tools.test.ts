import { expect } from 'chai';
import { connect } from '@ai-orchestrator/protocol/client';
import { startTestDaemon } from '../support/daemon.js';
import { keyFor, McpClient, untilListed, type Json } from '../support/mcp-client.js';

describe('tasks as tools', () => {
  it('are submitted, followed, answered and canceled by those they are granted to and who may [MCP-166]', async () => {
    const daemon = await startTestDaemon({
      config: {
        access: { forbids: [{ principal: 'watcher', permission: 'task:submit' }] },
        plugins: { mcp: { config: { taskTools: true } } },
        tools: { grants: [{ principals: ['ada', 'bob', 'watcher'], providers: ['tasks'] }] },
      },
    });
    try {
      const worker = await connect({ url: daemon.url, token: await keyFor(daemon, 'worker') });
      await worker.agent({
        agentId: 'asker',
        card: { name: 'Asker', version: '1.0.0' },
        skills: {
          greet: {
            handler: async (_payload, work) =>
              work.kind === 'task' ? `Hello, ${String(await work.needInput('Who?'))}!` : '',
          },
        },
      });
      const [ada, bob, eve, watcher] = [
        new McpClient(daemon.httpUrl, await keyFor(daemon, 'ada')),
        new McpClient(daemon.httpUrl, await keyFor(daemon, 'bob')),
        new McpClient(daemon.httpUrl, await keyFor(daemon, 'eve')),
        new McpClient(daemon.httpUrl, await keyFor(daemon, 'watcher')),
      ];
      await untilListed(ada, 'task_respond');
      const call = async (client: McpClient, name: string, given: Json): Promise<Json> => {
        const { body } = await client.modern(1, 'tools/call', { name, arguments: given });
        const { structuredContent, isError, content } = (body.result ?? {}) as Json;
        if (isError === true) return { refused: String((content as { text: string }[])[0]?.text).split(':')[0] };
        return (structuredContent ?? body.error) as Json;
      };
      const until = async (taskId: unknown, state: string): Promise<Json> => {
        for (let tries = 0; tries < 400; tries++) {
          const got = await call(ada, 'task_get', { taskId });
          if ((got.task as Json).state === state) return got;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        throw new Error(`the task did not become ${state}`);
      };
      const listed = (await ada.modern(1, 'tools/list')).body.result as { tools: { name: string }[] };
      const { taskId } = await call(ada, 'task_submit', { skill: 'greet', input: null });
      const { task } = await until(taskId, 'input-required');
      const [{ inputId }] = (task as Json).inputs as [{ inputId: string }];
      await call(ada, 'task_respond', { taskId, inputId, payload: 'Ada' });
      const { output } = await until(taskId, 'completed');
      const second = await call(ada, 'task_submit', { agent: 'asker', input: {}, title: 'again' });
      const canceled = await call(ada, 'task_cancel', { taskId: second.taskId, reason: 'enough' });
      const mine = (await call(ada, 'task_list', {})).entries as Json[];
      const refused = [
        await call(bob, 'task_get', { taskId }),
        await call(ada, 'task_cancel', { taskId }),
        await call(ada, 'task_submit', { skill: 'none', input: 1 }),
        await call(ada, 'task_submit', { input: 1 }),
        await call(ada, 'task_respond', { taskId, inputId, payload: 'x' }),
      ].map((answer) => answer.refused);
      const observed = await call(watcher, 'task_submit', { skill: 'greet', input: null });
      const hidden = (await eve.modern(1, 'tools/list')).text.includes('task_');
      for (const client of [ada, bob, eve, watcher]) client.close();
      await worker.close();
      expect({
        tools: listed.tools.map(({ name }) => name),
        output,
        canceled: canceled.state,
        mine: mine.map((one) => [one.taskId, one.state, one.title]),
        refused,
        observed: (observed.data as Json | undefined)?.permission,
        hidden,
      }).to.deep.equal({
        tools: ['task_cancel', 'task_get', 'task_list', 'task_respond', 'task_submit'],
        output: 'Hello, Ada!',
        canceled: 'canceled',
        mine: [
          [second.taskId, 'canceled', 'again'],
          [taskId, 'completed', undefined],
        ],
        refused: ['task_not_found', 'task_state', 'no_agent_for_skill', 'invalid_params', 'not_found'],
        observed: 'task:submit',
        hidden: false,
      });
    } finally {
      await daemon.stop();
    }
  });
});
