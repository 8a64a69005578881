import { OrchestratorError } from '@ai-orchestrator/protocol';
import { AssignedTask, connect, DurableMessage, type Client, type Message } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { startTestDaemon } from '../support/daemon.js';
import { until } from '../support/worker-process.js';

const card = { name: 'x', version: '1.0.0' };
const HOPS = 6;
const FAMILY = 40;
const DEPTH = 5;
const TREE = 30;
const FAN_OUT = 4;

/** Runs `use` with a client of a daemon whose limits are small; answers what it does, and the errors that agents got. */
async function withDaemon<T>(use: (client: Client, refused: OrchestratorError[]) => Promise<T>): Promise<T> {
  const limits = {
    messages: { hops: HOPS, family: FAMILY },
    tasks: { depth: DEPTH, tree: TREE, fanOut: FAN_OUT },
  };
  const daemon = await startTestDaemon({ config: { limits, drain: { deadlineMs: 500 } } });
  const client = await connect({ url: daemon.url, token: daemon.adminKey });
  try {
    return await use(client, []);
  } finally {
    await client.close();
    await daemon.stop();
  }
}

/** Notes what refuses something for good, and goes on. */
async function noting(refused: OrchestratorError[], what: Promise<unknown>): Promise<void> {
  try {
    await what;
  } catch (error) {
    if (!(error instanceof OrchestratorError)) throw error;
    refused.push(error);
  }
}

describe('agents that would go on for ever', () => {
  it('by sending to each other end at the hop limit, with the chain in the error [DELIVERY-10]', async () => {
    const said = await withDaemon(async (client, refused) => {
      let handled = 0;
      for (const [agentId, other] of [
        ['ping', 'pong'],
        ['pong', 'ping'],
      ] as const) {
        const handler = async (_payload: unknown, message: DurableMessage): Promise<void> => {
          handled++;
          await noting(refused, message.send({ agent: other }, 'again'));
        };
        await client.agent({ agentId, card, messages: { message: { handler } } });
      }
      await client.send({ agent: 'ping' }, 'go');
      await until(() => refused.length > 0);
      return { handled, errors: refused.map(({ errorName, data }) => [errorName, data.chain]) };
    });
    const chain = ['ping', 'pong', 'ping', 'pong', 'ping', 'pong'];
    expect(said).to.deep.equal({ handled: HOPS, errors: [['hop_limit', chain]] });
  });

  it('by turning messages into tasks and those into messages again end at the hop limit, with the chain [DELIVERY-10]', async () => {
    const said = await withDaemon(async (client, refused) => {
      const handled: string[] = [];
      const handler = async (_payload: unknown, work: unknown): Promise<void> => {
        handled.push((work as AssignedTask | DurableMessage).kind);
        if (work instanceof AssignedTask) await noting(refused, work.send({ agent: 'mixer' }, 'again'));
        else await noting(refused, (work as DurableMessage).submit({ agent: 'mixer' }, 'again'));
      };
      await client.agent({ agentId: 'mixer', card, skills: { mix: { handler } }, messages: { message: { handler } } });
      await client.send({ agent: 'mixer' }, 'go');
      await until(() => refused.length > 0);
      return { handled, errors: refused.map(({ errorName, data }) => [errorName, data.chain]) };
    });
    expect(said).to.deep.equal({
      handled: ['message', 'task', 'message', 'task', 'message', 'task'],
      errors: [['hop_limit', Array.from({ length: HOPS }, () => 'mixer')]],
    });
  });

  it('by turning messages into requests and those into messages again end at the hop limit, with the chain [DELIVERY-10]', async () => {
    const said = await withDaemon(async (client, refused) => {
      const handled: string[] = [];
      const handler = async (_payload: unknown, work: unknown): Promise<null> => {
        handled.push((work as Message | DurableMessage).kind);
        if (work instanceof DurableMessage) await noting(refused, work.request({ agent: 'mixer' }, 'again'));
        else await noting(refused, (work as Message).send({ agent: 'mixer' }, 'again'));
        return null;
      };
      await client.agent({ agentId: 'mixer', card, skills: { mix: { handler } }, messages: { message: { handler } } });
      await client.send({ agent: 'mixer' }, 'go');
      await until(() => refused.length > 0);
      return { handled, errors: refused.map(({ errorName, data }) => [errorName, data.chain]) };
    });
    expect(said).to.deep.equal({
      handled: ['message', 'request', 'message', 'request', 'message', 'request'],
      errors: [['hop_limit', Array.from({ length: HOPS }, () => 'mixer')]],
    });
  });

  it('by sending two messages for each that comes end at the bound of what one may bring about, with the chain [DELIVERY-10]', async () => {
    const said = await withDaemon(async (client, refused) => {
      let handled = 0;
      const handler = async (_payload: unknown, message: DurableMessage): Promise<void> => {
        handled++;
        await noting(refused, message.send({ agent: 'bomb' }, 1));
        await noting(refused, message.send({ agent: 'bomb' }, 2));
      };
      await client.agent({ agentId: 'bomb', card, messages: { message: { handler } } });
      const { receipt } = await client.send({ agent: 'bomb' }, 'go');
      await receipt;
      await until(() => handled === FAMILY + 1);
      // Another one is not hindered by it.
      const other = await client.send({ agent: 'bomb' }, 'go');
      const { outcome } = await other.receipt;
      const first = refused.find(({ errorName }) => errorName === 'fan_out_limit');
      return {
        names: [...new Set(refused.map(({ errorName }) => errorName))].toSorted(),
        chain: first?.data.chain,
        outcome,
      };
    });
    expect(said.names).to.include('fan_out_limit');
    expect([...new Set(said.chain as string[])]).to.deep.equal(['bomb']);
    expect(said.outcome).to.equal('handled');
  });

  it('by submitting sub-tasks below each other end at the depth limit, with the chain in the error [DELIVERY-10]', async () => {
    const said = await withDaemon(async (client, refused) => {
      const tasks: string[] = [];
      const handler = async (_payload: unknown, work: unknown): Promise<void> => {
        const task = work as AssignedTask;
        tasks.push(task.envelope.taskId);
        await noting(refused, task.submit({ agent: 'deep' }, 'deeper'));
      };
      await client.agent({ agentId: 'deep', card, skills: { dig: { handler } } });
      const task = await client.submitTask({ agent: 'deep' }, 'go');
      await task.result;
      await until(() => refused.length > 0);
      return { tasks, errors: refused.map(({ errorName, data }) => [errorName, data.chain]) };
    });
    expect(said.tasks.length).to.equal(DEPTH);
    expect(said.errors).to.deep.equal([['hop_limit', said.tasks.map((taskId) => `${taskId} (deep)`)]]);
  });

  it('by submitting ever more sub-tasks end at the limits of fan-out and of the tree, with the chain in the error [DELIVERY-10]', async () => {
    const said = await withDaemon(async (client, refused) => {
      let handled = 0;
      const handler = async (_payload: unknown, work: unknown): Promise<void> => {
        handled++;
        for (let i = 0; i <= FAN_OUT; i++) await noting(refused, (work as AssignedTask).submit({ agent: 'wide' }, i));
      };
      await client.agent({ agentId: 'wide', card, skills: { spread: { handler } } });
      const task = await client.submitTask({ agent: 'wide' }, 'go');
      await task.result;
      await until(() => handled === TREE + 1);
      const chains = refused.filter(({ errorName }) => errorName === 'fan_out_limit').map(({ data }) => data.chain);
      return { taskId: task.taskId, chains: chains as string[][] };
    });
    expect(said.chains.length).to.be.above(0);
    expect([...new Set(said.chains.map(([first]) => first))]).to.deep.equal([`${said.taskId} (wide)`]);
  });
});
