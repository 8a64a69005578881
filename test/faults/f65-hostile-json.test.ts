import { expect } from 'chai';
import { RpcClient } from '../support/rpc-client.js';
import { KEYS, startRpcHost, type RpcHost } from '../support/rpc-host.js';
import { addTestMethods } from '../support/rpc-methods.js';

/** Runs `use` with a client that is logged in; afterwards an ordinary call must still be answered. */
async function withClient<T>(use: (client: RpcClient, host: RpcHost) => Promise<T>): Promise<T> {
  const host = await startRpcHost({ callsPerSecond: 1000, limits: { messageBytes: 16 * 1024 * 1024 } });
  addTestMethods(host);
  const client = await RpcClient.connect(host.url, KEYS.admin);
  try {
    const result = await use(client, host);
    expect(await client.call('sum', [1, 2], 'alive')).to.deep.equal({ jsonrpc: '2.0', id: 'alive', result: 3 });
    expect(host.errors).to.deep.equal([]);
    return result;
  } finally {
    await client.close();
    await host.stop();
  }
}

const outline = (answer: unknown) => {
  const { id, error } = answer as { id: unknown; error: { code: number; data: { limit?: unknown } } };
  return { id, code: error.code, limit: error.data.limit };
};

describe('hostile JSON', () => {
  it('F65 nested 10,000 to 1,000,000 deep is refused by depth with the id of its request [F65]', async () => {
    const answers = await withClient(async (client) => {
      const all = [];
      for (const depth of [65, 10_000, 1_000_000]) {
        for (const [open, close] of [
          ['[', ']'],
          ['{"a":', '}'],
        ] as const) {
          const nested = `${open.repeat(depth)}0${close.repeat(depth)}`;
          all.push(
            outline(
              await client.ask(`{"jsonrpc":"2.0","id":${depth},"method":"relay","params":{"payload":${nested}}}`),
            ),
          );
        }
      }
      return all;
    });
    const refused = (id: number) => ({ id, code: -32600, limit: { depth: 64 } });
    expect(answers).to.deep.equal([65, 65, 10_000, 10_000, 1_000_000, 1_000_000].map(refused));
  });

  it('F66 an object of 1,000,000 members is refused by their number, before the rest of it is looked at [F66]', async () => {
    const answer = await withClient(async (client) => {
      const members = Array.from({ length: 1_000_000 }, (_, i) => `"k${i}":0`).join(',');
      return outline(await client.ask(`{"jsonrpc":"2.0","id":1,"method":"relay","params":{"payload":{${members}}}}`));
    });
    expect(answer).to.deep.equal({ id: 1, code: -32600, limit: { keys: 10_000 } });
  });

  it('F67 members named __proto__ and constructor.prototype reach no handler [F67]', async () => {
    const answers = await withClient(async (client) => {
      const all = [];
      for (const payload of [
        '{"__proto__":{"admin":true}}',
        '{"constructor":{"prototype":{"admin":true}}}',
        '{"__pr\\u006fto__":1}',
      ]) {
        all.push(
          outline(await client.ask(`{"jsonrpc":"2.0","id":1,"method":"relay","params":{"payload":${payload}}}`)),
        );
        all.push(outline(await client.ask(`{"jsonrpc":"2.0","id":1,"method":"sum","params":${payload}}`)));
      }
      return all;
    });
    expect(answers).to.deep.equal(Array.from({ length: 6 }, () => ({ id: 1, code: -32600, limit: undefined })));
    expect(({} as { admin?: boolean }).admin).to.equal(undefined);
  });

  it('F68 a batch of 200,000 calls is refused whole; each of an allowed one is authorized by itself [F68]', async () => {
    const seen = await withClient(async (client) => {
      const call = '{"jsonrpc":"2.0","id":1,"method":"sum"}';
      const huge = outline(await client.ask(`[${Array.from({ length: 200_000 }, () => call).join(',')}]`));
      const most = (await client.ask(`[${Array.from({ length: 50 }, () => call).join(',')}]`)) as unknown[];
      const over = outline(await client.ask(`[${Array.from({ length: 51 }, () => call).join(',')}]`));
      return { huge, most: most.length, over };
    });
    const refused = { id: null, code: -32600, limit: { batchCalls: 50 } };
    expect(seen).to.deep.equal({ huge: refused, most: 50, over: refused });
  });
});
