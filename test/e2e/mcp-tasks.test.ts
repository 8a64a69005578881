import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { connect, type Client } from '@ai-orchestrator/protocol/client';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';
import { keyFor, untilListed, type Json } from '../support/mcp-client.js';
import { McpTaskClient } from '../support/mcp-task-client.js';

const CONFIG = {
  limits: { tasks: { leaseMs: 1_000, graceMs: 200, maxAttempts: 2, backoffMs: 50 } },
  plugins: { mcp: { config: { skills: 100, downstream: { taskPollMs: 250 } } } },
  tools: { grants: [{ principals: ['ada', 'eve'], providers: ['skills'] }] },
};
const UNKNOWN = { code: -32602, message: 'Task not found' };
const QUESTION = { type: 'object', properties: { sure: { type: 'boolean' } }, required: ['sure'] };

/** An agent with skills that take their time. */
async function agentOf(daemon: TestDaemon, key: string, waitsFor?: Promise<unknown>): Promise<Client> {
  const worker = await connect({ url: daemon.url, token: key, onError: () => undefined });
  await worker.agent({
    agentId: 'slow',
    card: { name: 'Slow', version: '1.0.0' },
    skills: {
      double: {
        async handler(payload, work) {
          await Promise.race([waitsFor, new Promise((resolve) => work.signal.addEventListener('abort', resolve))]);
          const { input } = payload === null || typeof payload !== 'object' ? { input: payload } : (payload as Json);
          return { doubled: 2 * Number(input), as: work.kind };
        },
      },
      remove: {
        handler: async (_payload, work) =>
          work.kind === 'task' ? work.needInput('Remove it?', { schema: QUESTION }) : 'not asked',
      },
      fail: {
        handler() {
          throw new Error('boom');
        },
      },
    },
  });
  return worker;
}

describe('tasks through /mcp, revision 2026-07-28', () => {
  let daemon: TestDaemon;
  let worker: Client;
  let ada: McpTaskClient;
  let keys: { readonly worker: string; readonly ada: string };

  async function start(waitsFor?: Promise<unknown>): Promise<void> {
    daemon = await startTestDaemon({ config: CONFIG });
    keys = { worker: await keyFor(daemon, 'worker'), ada: await keyFor(daemon, 'ada') };
    worker = await agentOf(daemon, keys.worker, waitsFor);
    ada = new McpTaskClient(daemon.httpUrl, keys.ada);
    await untilListed(ada, 'agent__remove');
    await untilTaken();
  }

  /** An agent takes tasks a moment after it was registered; until then its skills are answered as requests. */
  async function untilTaken(): Promise<void> {
    while ((await ada.ask('tools/call', { name: 'agent__fail', arguments: {} })).resultType !== 'task') await delay(20);
  }

  async function stop(): Promise<void> {
    ada.close();
    await worker.close();
    await daemon.stop();
  }

  it('a call of a skill becomes a durable task of its caller, whose result is polled; one that does not declare the extension waits for the result [MCP-160]', async () => {
    await start();
    try {
      const { capabilities } = await ada.ask('server/discover');
      const begun = await ada.ask('tools/call', { name: 'agent__double', arguments: { input: 21 } });
      const taskId = String(begun.taskId);
      const done = await ada.until(taskId, 'completed');
      const plain = new McpTaskClient(daemon.httpUrl, await keyFor(daemon, 'eve'), {});
      const waited = await plain.ask('tools/call', { name: 'agent__double', arguments: { input: 4 } });
      const refused = await plain.ask('tasks/get', { taskId });
      plain.close();
      const failed = await ada.until(await ada.begin('agent__fail', {}), 'failed');
      const admin = await connect({ url: daemon.url, token: daemon.adminKey });
      const { task } = await admin.call('task.get', { taskId });
      await admin.close();
      const { createdAt, lastUpdatedAt, ttlMs } = done;
      const DAYS = 7 * 24 * 3_600_000;
      expect({
        extensions: (capabilities as Json).extensions,
        begun: [begun.resultType, begun.status, begun.ttlMs, begun.pollIntervalMs],
        done: [done.resultType, done.result, done.pollIntervalMs],
        kept: Number(ttlMs) >= DAYS && String(createdAt) <= String(lastUpdatedAt),
        waited: [waited.resultType, waited.structuredContent],
        refused: [refused.code, refused.data],
        failed: [failed.result, typeof (failed.error as Json).code],
        ours: [task.from, task.state, task.to, task.title],
      }).to.deep.equal({
        extensions: { 'io.modelcontextprotocol/tasks': {} },
        begun: ['task', 'working', DAYS, 250],
        done: [
          'complete',
          {
            content: [{ type: 'text', text: '{"doubled":42,"as":"task"}' }],
            structuredContent: { doubled: 42, as: 'task' },
          },
          250,
        ],
        kept: true,
        waited: ['complete', { doubled: 8, as: 'request' }],
        refused: [-32021, { requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } }],
        failed: [undefined, 'number'],
        ours: ['ada', 'completed', { skill: 'double', version: '1.0.0' }, 'agent__double'],
      });
    } finally {
      await stop();
    }
  });

  it('a task asks for input by forms, which tasks/update answers; a declined form ends it [MCP-161]', async () => {
    await start();
    try {
      const taskId = await ada.begin('agent__remove', {});
      const asking = await ada.until(taskId, 'input_required');
      const requests = asking.inputRequests as Readonly<Record<string, Json>>;
      const [key = ''] = Object.keys(requests);
      const wrong = await ada.ask('tasks/update', {
        taskId,
        inputResponses: { [key]: { action: 'accept', content: { sure: 'x' } } },
      });
      const update = { taskId, inputResponses: { [key]: { action: 'accept', content: { sure: true } }, other: {} } };
      const acknowledged = await ada.ask('tasks/update', update);
      const done = await ada.until(taskId, 'completed');
      const again = await ada.ask('tasks/update', update);
      const declined = await ada.begin('agent__remove', {});
      const [second = ''] = Object.keys((await ada.until(declined, 'input_required')).inputRequests as object);
      await ada.ask('tasks/update', { taskId: declined, inputResponses: { [second]: { action: 'decline' } } });
      const ended = await ada.until(declined, 'cancelled');
      const quiet = new McpTaskClient(daemon.httpUrl, await keyFor(daemon, 'eve'), {
        extensions: { 'io.modelcontextprotocol/tasks': {} },
      });
      const unasked = await quiet.begin('agent__remove', {});
      const admin = await connect({ url: daemon.url, token: daemon.adminKey });
      const waits = async () => (await admin.call('task.get', { taskId: unasked })).task.state === 'input-required';
      while (!(await waits())) await new Promise((resolve) => setTimeout(resolve, 20));
      const shown = await quiet.ask('tasks/get', { taskId: unasked });
      await admin.close();
      quiet.close();
      expect({
        request: requests[key],
        wrong: wrong.code,
        acknowledged: Object.keys(acknowledged).sort(),
        result: (done.result as Json).structuredContent,
        again: again.resultType,
        ended: [ended.statusMessage, ended.inputRequests],
        shown: [shown.status, shown.inputRequests],
      }).to.deep.equal({
        request: {
          method: 'elicitation/create',
          params: { mode: 'form', message: 'Remove it?', requestedSchema: QUESTION },
        },
        wrong: -32602,
        acknowledged: ['_meta', 'resultType'],
        result: { sure: true },
        again: 'complete',
        ended: ['the input that it asked for was refused', undefined],
        shown: ['working', undefined],
      });
    } finally {
      await stop();
    }
  });

  it('a task is there for its caller alone: ids of others are answered like made-up ones; cancel is acknowledged, and once more [MCP-162]', async () => {
    await start(new Promise(() => undefined));
    try {
      const taskId = await ada.begin('agent__double', { input: 1 });
      const eve = new McpTaskClient(daemon.httpUrl, await keyFor(daemon, 'eve'));
      const about = (method: string, id: string) =>
        eve.ask(method, { taskId: id, ...(method === 'tasks/update' && { inputResponses: {} }) });
      const strangers = [];
      for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
        for (const id of [taskId, '00000000-0000-7000-8000-000000000000', 'x', `t.${'A'.repeat(64)}`]) {
          strangers.push(await about(method, id));
        }
      }
      const removed = [await eve.ask('tasks/list'), await eve.ask('tasks/result', { taskId })];
      eve.close();
      const { status } = await ada.ask('tasks/get', { taskId });
      const acknowledged = await ada.ask('tasks/cancel', { taskId });
      const { result } = await ada.until(taskId, 'cancelled');
      const again = await ada.ask('tasks/cancel', { taskId });
      expect({
        strangers: new Set(strangers.map((answer) => JSON.stringify(answer))),
        removed: removed.map(({ code }) => code),
        status,
        acknowledged: [Object.keys(acknowledged).sort(), result, again.resultType],
      }).to.deep.equal({
        strangers: new Set([JSON.stringify(UNKNOWN)]),
        removed: [-32601, -32601],
        status: 'working',
        acknowledged: [['_meta', 'resultType'], undefined, 'complete'],
      });
    } finally {
      await stop();
    }
  });

  it('a client that listens for tasks is told each change of those that are its own [MCP-164]', async () => {
    await start();
    try {
      const taskId = await ada.begin('agent__remove', {});
      const [key = ''] = Object.keys((await ada.until(taskId, 'input_required')).inputRequests as object);
      const other = '00000000-0000-7000-8000-000000000000';
      const told: Json[] = [];
      for await (const task of ada.listen([taskId, other])) {
        told.push(task);
        const inputResponses = { [key]: { action: 'accept', content: { sure: true } } };
        if (task.status === 'input_required') await ada.ask('tasks/update', { taskId, inputResponses });
        if (task.status === 'completed') break;
      }
      const eve = new McpTaskClient(daemon.httpUrl, await keyFor(daemon, 'eve'), {});
      const refused = await eve.ask('subscriptions/listen', { notifications: { taskIds: [taskId] } });
      eve.close();
      expect({
        first: told[0]?.notifications,
        // How long it is at work in between is the agent's.
        statuses: told.map(({ status }) => status).filter((status) => status !== 'working'),
        last: (told.at(-1)?.result as Json | undefined)?.structuredContent,
        refused: refused.code,
      }).to.deep.equal({
        first: { taskIds: [taskId] },
        statuses: [undefined, 'input_required', 'completed'],
        last: { sure: true },
        refused: -32021,
      });
    } finally {
      await stop();
    }
  });

  it('a task survives that the daemon is killed, one that is done with its result and one that is worked on [MCP-163]', async () => {
    await start();
    const done = await ada.begin('agent__double', { input: 3 });
    await ada.until(done, 'completed');
    await worker.close();
    const stuck = await agentOf(daemon, keys.worker, new Promise(() => undefined));
    await untilTaken();
    const working = await ada.begin('agent__double', { input: 5 });
    const { dataDir } = daemon;
    await daemon.kill('keep');
    await stuck.close();
    ada.close();
    daemon = await startTestDaemon({ config: CONFIG, dataDir });
    worker = await agentOf(daemon, keys.worker);
    ada = new McpTaskClient(daemon.httpUrl, keys.ada);
    try {
      const [before, after] = [await ada.ask('tasks/get', { taskId: done }), await ada.until(working, 'completed')];
      expect([before, after].map(({ result }) => (result as Json).structuredContent)).to.deep.equal([
        { doubled: 6, as: 'task' },
        { doubled: 10, as: 'task' },
      ]);
    } finally {
      await stop();
      await rm(dirname(dataDir), { recursive: true, force: true });
    }
  }).timeout(120_000);
});
