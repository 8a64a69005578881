import { expect } from 'chai';
import { RawWebSocket } from '../support/raw-web-socket.js';
import { RpcClient } from '../support/rpc-client.js';
import { KEYS, startRpcHost } from '../support/rpc-host.js';
import { addTestMethods } from '../support/rpc-methods.js';

const PING_MS = 300;

describe('F26 half-open connection', () => {
  it('is ended once two pings in a row went unanswered; one that answers them stays [F26]', async () => {
    const host = await startRpcHost({ limits: { pingIntervalMs: PING_MS } });
    addTestMethods(host);
    const idle = await RpcClient.connect(host.url, KEYS.admin);
    // The peer's kernel takes everything and the peer answers nothing, as behind a link that is down.
    const { ws } = await RawWebSocket.connect(host.port, { authorization: `Bearer ${KEYS.observer}` });
    const since = Date.now();
    await ws.ended;
    const tookMs = Date.now() - since;
    const pings = ws.frames().filter(({ opcode }) => opcode === 9).length;
    const alive = await idle.call('sum');
    const left = [...host.sessions.all()].map(({ principal }) => principal?.id);
    await idle.close();
    await host.stop();
    expect({ pings, early: tookMs < 2 * PING_MS, alive, left }).to.deep.equal({
      pings: 2,
      early: false,
      alive: { jsonrpc: '2.0', id: 1, result: 0 },
      left: ['admin'],
    });
  });
});
