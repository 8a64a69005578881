import { expect } from 'chai';
import { deflateRawSync } from 'node:zlib';
import { RawWebSocket } from '../support/raw-web-socket.js';
import { KEYS, startRpcHost } from '../support/rpc-host.js';

describe('F71 permessage-deflate bomb', () => {
  it('meets a server that never agrees to compression and refuses a compressed frame unread [F71]', async () => {
    const host = await startRpcHost();
    const { ws, head } = await RawWebSocket.connect(host.port, {
      authorization: `Bearer ${KEYS.admin}`,
      'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits',
    });
    const bomb = deflateRawSync(Buffer.alloc(256 * 1024 * 1024, 0x20));
    const before = process.memoryUsage();
    ws.send(1, bomb.subarray(0, 900_000), { rsv: 0x40 });
    const code = await ws.closeCode();
    const after = process.memoryUsage();
    ws.socket.destroy();
    await host.stop();
    const grown = after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed;
    expect({ agreed: /sec-websocket-extensions/i.test(head), code, small: grown < 32 * 1024 * 1024 }).to.deep.equal({
      agreed: false,
      code: 1002,
      small: true,
    });
  });
});
