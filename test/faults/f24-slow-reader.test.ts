import type { InstrumentSnapshot, SubscriptionBatch } from '@ai-orchestrator/core/plugin';
import { method } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import Type from 'typebox';
import { RawWebSocket } from '../support/raw-web-socket.js';
import { RpcClient } from '../support/rpc-client.js';
import { KEYS, startRpcHost } from '../support/rpc-host.js';
import { addTestMethods } from '../support/rpc-methods.js';

const MIB = 1024 * 1024;
const SLOW_READERS = 4;
const ENTRY = 'x'.repeat(32 * 1024);

/** Numbers for ever, as fast as they are taken, each with 32 KiB; counts how many were taken. */
function endless(taken: { count: number }) {
  return async function* (after: number, signal: AbortSignal): AsyncGenerator<SubscriptionBatch> {
    for (let n = after + 1; !signal.aborted; n++) {
      taken.count++;
      yield { entries: [{ n, pad: ENTRY }], cursor: String(n) };
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
}

describe('F24 four sockets that subscribe and never read', () => {
  it('are paused, then closed with a cursor they resume from, while memory stays bounded and others are served [F24]', async () => {
    const host = await startRpcHost({
      limits: { softSendBytes: 256 * 1024, hardSendBytes: MIB, behindMs: 1_500, closeGraceMs: 3_000 },
    });
    addTestMethods(host);
    const taken = { count: 0 };
    const source = endless(taken);
    host.dispatcher.add(
      method({
        name: 'numbers',
        summary: 'For tests.',
        permission: 'daemon:read',
        params: Type.Object({ after: Type.Integer() }),
        result: Type.String(),
      }),
      (params, call) => {
        const { after } = params as { after: number };
        return call.session?.subscribe((signal) => source(after, signal), String(after), 'daemon:read') ?? '';
      },
      'test',
    );
    const other = await RpcClient.connect(host.url, KEYS.admin);
    const memoryBefore = process.memoryUsage().rss;
    const slow = await Promise.all(
      Array.from({ length: SLOW_READERS }, async () => {
        const { ws } = await RawWebSocket.connect(host.port, { authorization: `Bearer ${KEYS.admin}` });
        ws.socket.pause();
        ws.send(1, '{"jsonrpc":"2.0","id":1,"method":"numbers","params":{"after":0}}');
        return ws;
      }),
    );
    const buffered = () => [...host.sessions.all()].reduce((sum, session) => sum + session.bufferedBytes, 0);
    let mostBuffered = 0;
    let mostMemory = 0;
    let calls = 0;
    for (const end = Date.now() + 1_200; Date.now() < end; calls++) {
      await other.call('sum');
      mostBuffered = Math.max(mostBuffered, buffered());
      mostMemory = Math.max(mostMemory, process.memoryUsage().rss - memoryBefore);
    }
    const takenWhilePaused = taken.count;
    await other.call('sum');
    const wentOn = taken.count !== takenWhilePaused;

    // Past the deadline the daemon gives up on them; only now do they read what was sent.
    for (let i = 0; i < 100 && host.instruments.snapshot().every((one) => !closedSlow(one)); i++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const codes = await Promise.all(
      slow.map(async (ws) => {
        ws.socket.resume();
        return ws.closeCode();
      }),
    );
    const frames = slow[0]?.frames() ?? [];
    const closed = JSON.parse(frames.at(-2)?.payload.toString() ?? '{}') as {
      method: string;
      params: { reason: string; cursor: string };
    };
    const lastSent = JSON.parse(frames.at(-3)?.payload.toString() ?? '{}') as { params: { cursor: string } };
    const reason = frames.at(-1)?.payload.toString('utf8', 2);

    await other.call('numbers', { after: Number(closed.params.cursor) }, 'again');
    const resumed = (await other.next()) as { params: { entries: { n: number }[] } };
    other.ws.terminate();
    await host.stop();
    expect({
      codes,
      closed: [closed.method, closed.params.reason, closed.params.cursor === lastSent.params.cursor],
      reason: reason === `slow_consumer cursor=${closed.params.cursor}`,
      next: resumed.params.entries[0]?.n === Number(closed.params.cursor) + 1,
      served: calls > 50,
      wentOn,
      bounded: mostBuffered < SLOW_READERS * 2 * MIB,
      // What the kernel's socket buffers took is not ours; what is ours is bounded by the send limits.
      memory: mostMemory < 150 * MIB,
    }).to.deep.equal({
      codes: [4008, 4008, 4008, 4008],
      closed: ['subscription.closed', 'slow_consumer', true],
      reason: true,
      next: true,
      served: true,
      wentOn: false,
      bounded: true,
      memory: true,
    });
  });

  it('one that sends requests and never reads the answers is read no further, then closed [F24]', async () => {
    const host = await startRpcHost({
      limits: { softSendBytes: 256 * 1024, hardSendBytes: MIB, behindMs: 1_000, closeGraceMs: 200 },
    });
    addTestMethods(host);
    const { ws } = await RawWebSocket.connect(host.port, { authorization: `Bearer ${KEYS.admin}` });
    ws.socket.pause();
    const request = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'relay', params: { payload: ENTRY } });
    let most = 0;
    for (const end = Date.now() + 800; Date.now() < end;) {
      if (ws.socket.writableLength < MIB) for (let i = 0; i < 10; i++) ws.send(1, request);
      await new Promise((resolve) => setTimeout(resolve, 5));
      for (const session of host.sessions.all()) most = Math.max(most, session.bufferedBytes);
    }
    ws.socket.resume();
    ws.socket.on('data', () => ws.socket.pause());
    for (let i = 0; i < 200 && host.sessions.size > 0; i++) await new Promise((resolve) => setTimeout(resolve, 50));
    const left = host.sessions.size;
    ws.socket.destroy();
    await host.stop();
    expect({ left, bounded: most > 0 && most < 2 * MIB }).to.deep.equal({ left: 0, bounded: true });
  });
});

function closedSlow(snapshot: InstrumentSnapshot): boolean {
  if (snapshot.type !== 'counter' || snapshot.name !== 'orchestrator_rpc_slow_consumers_total') return false;
  return (snapshot.samples[0]?.value ?? 0) >= SLOW_READERS;
}
