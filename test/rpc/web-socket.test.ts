import { RPC_DEFAULTS } from '@ai-orchestrator/core';
import { expect } from 'chai';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { RawWebSocket } from '../support/raw-web-socket.js';
import { RpcClient } from '../support/rpc-client.js';
import { KEYS, startRpcHost, type RpcHost, type RpcHostOptions } from '../support/rpc-host.js';
import { addTestMethods } from '../support/rpc-methods.js';

const LOGIN = { authorization: `Bearer ${KEYS.admin}` };

/** Runs `use` against a host with the test's methods and stops it; what it answers is the test's result. */
async function withHost<T>(use: (host: RpcHost) => Promise<T>, options: RpcHostOptions = {}): Promise<T> {
  const host = await startRpcHost(options);
  addTestMethods(host);
  try {
    return await use(host);
  } finally {
    await host.stop();
  }
}

/** The code that a connection is closed with after `send`. */
async function closeCodeAfter(
  host: RpcHost,
  send: (ws: RawWebSocket) => void,
  headers: Record<string, string> = LOGIN,
) {
  const { ws } = await RawWebSocket.connect(host.port, headers);
  send(ws);
  const code = await ws.closeCode();
  ws.socket.destroy();
  return code;
}

describe('the WebSocket server', () => {
  it('selects our subprotocol when it is offered and never another [RPC-15]', async () => {
    const selected = await withHost(async (host) => {
      const heads = [];
      for (const offer of ['ai-orchestrator.v1', 'graphql-ws, ai-orchestrator.v1', 'graphql-ws']) {
        const { ws, head } = await RawWebSocket.connect(host.port, { ...LOGIN, 'sec-websocket-protocol': offer });
        heads.push(/sec-websocket-protocol: (.*)\r/i.exec(head)?.[1]);
        ws.socket.destroy();
      }
      return heads;
    });
    expect(selected).to.deep.equal(['ai-orchestrator.v1', 'ai-orchestrator.v1', undefined]);
  });

  it('logs in by bearer token at the upgrade and refuses a wrong one [RPC-11]', async () => {
    const heads = await withHost(async (host) => {
      const right = await RawWebSocket.connect(host.port, LOGIN);
      const wrong = await RawWebSocket.connect(host.port, { authorization: 'Bearer nobody:key' });
      const other = await RawWebSocket.connect(host.port, { authorization: 'Basic YTpi' });
      for (const { ws } of [right, wrong, other]) ws.socket.destroy();
      return [right, wrong, other].map(({ head }) => head.split(' ')[1]);
    });
    expect(heads).to.deep.equal(['101', '401', '401']);
  });

  it('closes on bad frames with the code that the specification names [RPC-16]', async () => {
    const codes = await withHost(
      async (host) => ({
        notUtf8: await closeCodeAfter(host, (ws) => ws.send(1, Buffer.from([0x22, 0xc3, 0x28, 0x22]))),
        binary: await closeCodeAfter(host, (ws) => ws.send(2, '{}')),
        unmasked: await closeCodeAfter(host, (ws) => ws.send(1, '{}', { masked: false })),
        reserved: await closeCodeAfter(host, (ws) => ws.send(1, '{}', { rsv: 0x40 })),
        unknownOpcode: await closeCodeAfter(host, (ws) => ws.send(3, '')),
        continuationFirst: await closeCodeAfter(host, (ws) => ws.send(0, '')),
        tooLarge: await closeCodeAfter(host, (ws) => ws.send(1, Buffer.alloc(5000, 0x20))),
        fragmentsWithoutEnd: await closeCodeAfter(host, (ws) => {
          ws.send(1, ' ', { fin: false });
          for (let i = 0; i < 20; i++) ws.send(0, ' ', { fin: false });
        }),
      }),
      { limits: { messageBytes: 4096, closeGraceMs: 200 }, webSocket: { maxFragments: 16 } },
    );
    expect(codes).to.deep.equal({
      notUtf8: 1007,
      binary: 1003,
      unmasked: 1002,
      reserved: 1002,
      unknownOpcode: 1002,
      continuationFirst: 1002,
      tooLarge: 1009,
      fragmentsWithoutEnd: 1008,
    });
  });

  it('takes a message in fragments with a ping between them [RPC-16]', async () => {
    const frames = await withHost(async (host) => {
      const { ws } = await RawWebSocket.connect(host.port, LOGIN);
      ws.send(1, '{"jsonrpc":"2.0","id":1,', { fin: false });
      ws.send(9, 'are you there');
      ws.send(0, '"method":"sum",', { fin: false });
      ws.send(0, '"params":[1,2]}');
      while (ws.frames().length < 2) await once(ws.socket, 'data');
      ws.send(8, Buffer.from([0x03, 0xe8]));
      await ws.ended;
      return ws
        .frames()
        .map(({ opcode, payload }) => [opcode, opcode === 8 ? payload.readUInt16BE(0) : payload.toString()]);
    });
    expect(frames).to.deep.equal([
      [10, 'are you there'],
      [1, '{"jsonrpc":"2.0","id":1,"result":3}'],
      [8, 1000],
    ]);
  });

  it('frames answers of every length, ASCII or not [RPC-16]', async () => {
    const lengths = [0, 40, 60, 80, 125, 126, 8190, 20_000, 30_000, 65_400, 65_530, 65_600, 200_000];
    const wrong = await withHost(async (host) => {
      const client = await RpcClient.connect(host.url, KEYS.admin);
      const bad = [];
      for (const letter of ['a', 'ü', '€', '😀']) {
        for (const length of lengths) {
          const to = letter.repeat(length / Buffer.byteLength(letter));
          const answer = (await client.call('relay', { to, payload: to })) as {
            result: { to: string; payload: string };
          };
          if (answer.result.to !== to || answer.result.payload !== to) bad.push([letter, length]);
        }
      }
      await client.close();
      return bad;
    });
    expect(wrong).to.deep.equal([]);
  });

  it('keeps the order of answers to requests that came together [RPC-16]', async () => {
    const ids = await withHost(async (host) => {
      const client = await RpcClient.connect(host.url, KEYS.admin);
      const got: number[] = [];
      const all = new Promise<void>((resolve) =>
        client.ws.on('message', (data: Buffer) => {
          got.push((JSON.parse(data.toString()) as { id: number }).id);
          if (got.length === 500) resolve();
        }),
      );
      const pad = 'x'.repeat(700);
      for (let id = 0; id < 500; id++) {
        client.ws.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'relay', params: { to: pad, payload: pad } }));
      }
      await all;
      await client.close();
      return got;
    });
    expect(ids).to.deep.equal(Array.from({ length: 500 }, (_, id) => id));
  });

  it('gives a connection 5 s and 16 calls to log in unless configured [RPC-17]', () => {
    const { authenticationMs, unauthenticatedCalls } = RPC_DEFAULTS;
    expect({ authenticationMs, unauthenticatedCalls }).to.deep.equal({
      authenticationMs: 5_000,
      unauthenticatedCalls: 16,
    });
  });

  it('closes a connection that does not log in within its time [RPC-17]', async () => {
    const closed = await withHost(async (host) => (await RpcClient.connect(host.url)).closed, {
      limits: { authenticationMs: 100 },
    });
    expect(closed).to.deep.equal({ code: 4001, reason: 'not authenticated in time' });
  });

  it('takes little from a connection that is not logged in: few calls, 64 KiB, and few such connections [RPC-17]', async () => {
    const seen = await withHost(
      async (host) => {
        const chatty = await RpcClient.connect(host.url);
        for (let i = 0; i < 4; i++) chatty.ws.send(`{"jsonrpc":"2.0","id":${i},"method":"sum"}`);
        const calls = await chatty.closed;
        const large = await closeCodeAfter(host, (ws) => ws.send(1, Buffer.alloc(64 * 1024 + 1, 0x20)), {});
        const first = await RpcClient.connect(host.url);
        const second = await RpcClient.connect(host.url);
        const third = await RawWebSocket.connect(host.port);
        const loggedIn = await RawWebSocket.connect(host.port, LOGIN);
        await first.call('session.authenticate', { token: KEYS.admin });
        const after = await RawWebSocket.connect(host.port);
        for (const { ws } of [third, loggedIn, after]) ws.socket.destroy();
        await first.close();
        await second.close();
        return [calls.code, large, third.head.split(' ')[1], loggedIn.head.split(' ')[1], after.head.split(' ')[1]];
      },
      { limits: { unauthenticatedCalls: 3, closeGraceMs: 200 }, webSocket: { maxUnauthenticated: 2 } },
    );
    expect(seen).to.deep.equal([4001, 1009, '503', '101', '101']);
  });

  it('calls the client and takes only its own answers [RPC-18]', async () => {
    const seen = await withHost(async (host) => {
      const client = await RpcClient.connect(host.url, KEYS.admin);
      const stranger = await RpcClient.connect(host.url, KEYS.observer);
      await client.call('sum');
      const [session] = [...host.sessions.all()].filter(({ principal }) => principal?.id === 'admin');
      const answers: unknown[] = [];
      const ask = (timeoutMs: number) =>
        new Promise<void>((resolve) => {
          session?.request('message.deliver', { n: 1 }, timeoutMs, (answer) => {
            answers.push(answer.kind === 'result' ? Buffer.from(answer.bytes).toString() : answer);
            resolve();
          });
        });
      const first = ask(10_000);
      const request = (await client.next()) as { id: number };
      stranger.ws.send(`{"jsonrpc":"2.0","id":${request.id},"result":"stolen"}`);
      await stranger.call('sum');
      client.ws.send(`{"jsonrpc":"2.0","id":${request.id},"result": [1, 2.0]}`);
      await first;
      client.ws.send(`{"jsonrpc":"2.0","id":${request.id},"result":"again"}`);
      const second = ask(10_000);
      const failing = (await client.next()) as { id: number };
      client.ws.send(`{"jsonrpc":"2.0","id":${failing.id},"error":{"code":7,"message":"no","data":[1]}}`);
      await second;
      const third = ask(50);
      await client.next();
      await third;
      const cancel = await client.next();
      const fourth = ask(10_000);
      await client.next();
      client.ws.terminate();
      await fourth;
      await stranger.close();
      return { request, answers, cancel };
    });
    expect(seen).to.deep.equal({
      request: { jsonrpc: '2.0', id: 1, method: 'message.deliver', params: { n: 1 } },
      answers: [
        '[1, 2.0]',
        { kind: 'error', code: 7, message: 'no', data: [1] },
        { kind: 'timeout' },
        { kind: 'closed' },
      ],
      cancel: { jsonrpc: '2.0', method: 'request.cancel', params: { id: 3, reason: 'deadline exceeded' } },
    });
  });

  it('drains: tells clients, refuses new requests, lets those in flight end, then closes [RPC-19]', async () => {
    const seen = await withHost(async (host) => {
      const client = await RpcClient.connect(host.url, KEYS.admin);
      client.ws.send('{"jsonrpc":"2.0","id":"w","method":"wait"}');
      await client.call('sum');
      const drained = host.sessions.drain('upgrade', 10_000);
      const told = await client.next();
      const refused = (await client.call('sum')) as { error: { data: { name: string } } };
      const canceled = (await client.ask('{"jsonrpc":"2.0","method":"request.cancel","params":{"id":"w"}}')) as {
        id: string;
      };
      await drained;
      return { told, refused: refused.error.data.name, answered: canceled.id, closed: await client.closed };
    });
    expect(seen).to.deep.equal({
      told: {
        jsonrpc: '2.0',
        method: 'daemon.goingAway',
        params: { reason: 'upgrade', deadlineMs: 10_000, retryAfterMs: 1000 },
      },
      refused: 'going_away',
      answered: 'w',
      closed: { code: 1001, reason: 'going_away' },
    });
  });

  it('stops with connections open, and takes no more [RPC-19]', async () => {
    const host = await startRpcHost();
    const client = await RpcClient.connect(host.url, KEYS.admin);
    await host.stop();
    const late = new WebSocket(host.url);
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
    expect({ closed: await client.closed, late: error.code }).to.deep.equal({
      closed: { code: 1001, reason: 'going_away' },
      late: 'ECONNREFUSED',
    });
  });
});
