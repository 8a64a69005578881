import { expect } from 'chai';
import { WebSocket } from 'ws';
import { startTestDaemon } from '../support/daemon.js';

const IN_FLIGHT = 500;

interface Frame {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly reason?: string };
  readonly result?: unknown;
}

describe('F22: SIGTERM under load', () => {
  it('tells clients, finishes what is in flight, and ends with 0 within the deadline [F22]', async () => {
    const daemon = await startTestDaemon({
      config: { drain: { deadlineMs: 10_000 }, limits: { messages: { inFlightPerAgent: IN_FLIGHT } } },
    });
    try {
      const open = async (): Promise<WebSocket> => {
        const socket = new WebSocket(daemon.url, { headers: { authorization: `Bearer ${daemon.adminKey}` } });
        await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
        return socket;
      };
      const [agent, client] = [await open(), await open()];
      const registered = new Promise((resolve) => agent.once('message', resolve));
      const card = { name: 'Slow', version: '1.0.0', skills: [] };
      agent.send(
        JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'agent.register', params: { agentId: 'slow', card } }),
      );
      await registered;

      // The agent answers nothing before the stop has begun.
      const asked: number[] = [];
      const goingAway: string[] = [];
      let allAsked: () => void = () => undefined;
      const inFlight = new Promise<void>((resolve) => (allAsked = resolve));
      agent.on('message', (data: Buffer) => {
        const frame = JSON.parse(data.toString()) as Frame;
        if (frame.method === 'message.deliver' && frame.id !== undefined) asked.push(frame.id);
        if (asked.length === IN_FLIGHT) allAsked();
        if (frame.method === 'daemon.goingAway') {
          goingAway.push('agent');
          for (const id of asked) agent.send(JSON.stringify({ jsonrpc: '2.0', id, result: { done: id } }));
        }
      });
      const answered = new Set<number>();
      const errors: unknown[] = [];
      client.on('message', (data: Buffer) => {
        const frame = JSON.parse(data.toString()) as Frame;
        if (frame.method === 'daemon.goingAway') goingAway.push('client');
        if (frame.id !== undefined && 'result' in frame) answered.add(frame.id);
        else if (frame.id !== undefined) errors.push(frame);
      });
      for (let id = 1; id <= IN_FLIGHT; id++) {
        const params = { to: { agent: 'slow' }, payload: { id } };
        client.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'message.request', params }));
      }
      const closed = new Promise<number>((resolve) => client.once('close', resolve));
      await Promise.race([
        inFlight,
        new Promise((_, reject) =>
          setTimeout(
            () => reject(new Error(`${asked.length} asked, ${JSON.stringify(errors.slice(0, 2))}`)),
            60_000,
          ).unref(),
        ),
      ]);
      const from = performance.now();
      const code = await daemon.stop();
      expect({
        code,
        inTime: performance.now() - from < 12_000,
        answered: answered.size,
        errors: errors.length,
        goingAway: goingAway.sort(),
        close: await closed,
      }).to.deep.equal({
        code: 0,
        inTime: true,
        answered: IN_FLIGHT,
        errors: 0,
        goingAway: ['agent', 'client'],
        close: 1001,
      });
    } finally {
      await daemon.kill();
    }
  });
});
