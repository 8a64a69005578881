import { expect } from 'chai';
import { KEYS, startRpcHost } from '../support/rpc-host.js';
import { RpcClient } from '../support/rpc-client.js';
import { addTestMethods } from '../support/rpc-methods.js';

interface ErrorAnswer {
  readonly jsonrpc: string;
  readonly id: unknown;
  readonly error: { readonly code: number; readonly message: string };
}

/** An answer as the specification prints it: errors by code only. */
function printed(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(printed);
  const { jsonrpc, id, error } = answer as ErrorAnswer;
  return (answer as object).hasOwnProperty('error') ? { jsonrpc, error: error.code, id } : answer;
}

/** Sends texts one after the other on one connection; notifications are followed by a call, so that silence shows. */
async function answers(...texts: string[]): Promise<unknown[]> {
  const host = await startRpcHost();
  try {
    addTestMethods(host);
    const client = await RpcClient.connect(host.url, KEYS.admin);
    const all: unknown[] = [];
    for (const text of texts) {
      client.ws.send(text);
      client.ws.send('{"jsonrpc":"2.0","id":"after","method":"sum"}');
      for (;;) {
        const answer = await client.next();
        if ((answer as { id?: unknown }).id === 'after') break;
        all.push(printed(answer));
      }
    }
    await client.close();
    return all;
  } finally {
    await host.stop();
  }
}

const result = (value: unknown, id: unknown) => ({ jsonrpc: '2.0', result: value, id });
const error = (code: number, id: unknown) => ({ jsonrpc: '2.0', error: code, id });

describe('JSON-RPC 2.0', () => {
  it('answers the examples of the specification with positional and named params [RPC-03]', async () => {
    expect(
      await answers(
        '{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}',
        '{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}',
        '{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}',
        '{"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4}',
      ),
    ).to.deep.equal([result(19, 1), result(-19, 2), result(19, 3), result(19, 4)]);
  });

  it('answers no notification, known or not [RPC-03]', async () => {
    expect(
      await answers(
        '{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}',
        '{"jsonrpc": "2.0", "method": "foobar"}',
      ),
    ).to.deep.equal([]);
  });

  it('answers the erroneous examples of the specification [RPC-03]', async () => {
    expect(
      await answers(
        '{"jsonrpc": "2.0", "method": "foobar", "id": "1"}',
        '{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]',
        '{"jsonrpc": "2.0", "method": 1, "params": "bar"}',
        '[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},{"jsonrpc": "2.0", "method"]',
        '[]',
        '[1]',
        '[1,2,3]',
      ),
    ).to.deep.equal([
      error(-32601, '1'),
      error(-32700, null),
      error(-32600, null),
      error(-32700, null),
      error(-32600, null),
      [error(-32600, null)],
      [error(-32600, null), error(-32600, null), error(-32600, null)],
    ]);
  });

  it('answers the batches of the specification in one array, and a batch of notifications not at all [RPC-03]', async () => {
    expect(
      await answers(
        `[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
          {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
          {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
          {"foo": "boo"},
          {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
          {"jsonrpc": "2.0", "method": "get_data", "id": "9"}]`,
        '[{"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},{"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}]',
      ),
    ).to.deep.equal([
      [result(7, '1'), result(19, '2'), error(-32600, null), error(-32601, '5'), result(['hello', 5], '9')],
    ]);
  });

  it('echoes ids as they were sent, 0, empty and null among them [RPC-04]', async () => {
    const ids = ['0', '""', 'null', '-1', '9007199254740991', '"ü\\u0041"', '"9007199254740993"'];
    expect(await answers(...ids.map((id) => `{"jsonrpc":"2.0","id":${id},"method":"sum"}`))).to.deep.equal(
      ids.map((id) => result(0, JSON.parse(id))),
    );
  });

  it('refuses ids that do not survive every reader of JSON [RPC-04]', async () => {
    const ids = ['9007199254740992', '1.5', '1e400', 'true', '{}', '[1]', `"${'x'.repeat(127)}"`];
    expect(await answers(...ids.map((id) => `{"jsonrpc":"2.0","id":${id},"method":"sum"}`))).to.deep.equal(
      ids.map(() => error(-32600, null)),
    );
  });

  it('knows no method that only an object inherits [RPC-05]', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '', 'ü', 's\\u0075m'];
    expect(await answers(...names.map((name) => `{"jsonrpc":"2.0","id":1,"method":"${name}"}`))).to.deep.equal([
      ...Array.from({ length: 7 }, () => error(-32601, 1)),
      result(0, 1),
    ]);
  });

  it('refuses what is neither a request nor an answer [RPC-03]', async () => {
    expect(
      await answers(
        '"sum"',
        '5',
        '{}',
        '{"id":1,"method":"sum"}',
        '{"jsonrpc":"1.0","id":1,"method":"sum"}',
        '{"jsonrpc":"2.0","id":1,"method":"sum","params":null}',
        '{"jsonrpc":"2.0","id":1,"method":"sum","result":1}',
        '{"jsonrpc":"2.0","id":1,"id":2,"method":"sum"}',
        '{"jsonrpc":"2.0","id":99,"result":1}',
      ),
    ).to.deep.equal([
      error(-32600, null),
      error(-32600, null),
      error(-32600, null),
      error(-32600, 1),
      error(-32600, 1),
      error(-32600, 1),
      error(-32600, 1),
      error(-32600, null),
    ]);
  });

  it('hands a relayed member on byte by byte and refuses it twice [RPC-06]', async () => {
    const host = await startRpcHost();
    addTestMethods(host);
    const client = await RpcClient.connect(host.url, KEYS.admin);
    const text = new Promise<string>((resolve) =>
      client.ws.once('message', (data: Buffer) => resolve(data.toString())),
    );
    await client.ask(
      '{"jsonrpc":"2.0","id":1,"method":"relay","params":{ "payload" : {"a": 1.50e0, "ü":[ ]} , "to":"x"}}',
    );
    const alone = await client.ask('{"jsonrpc":"2.0","id":2,"method":"relay","params":{"payload":null}}');
    const last = await client.ask('{"jsonrpc":"2.0","id":3,"method":"relay","params":{"to":"x", "payload":1 }}');
    const twice = await client.ask('{"jsonrpc":"2.0","id":4,"method":"relay","params":{"payload":1,"payload":2}}');
    const hidden = await client.ask(
      '{"jsonrpc":"2.0","id":5,"method":"relay","params":{"payload":1,"p\\u0061yload":2}}',
    );
    const missing = await client.ask('{"jsonrpc":"2.0","id":6,"method":"relay","params":{}}');
    await client.close();
    await host.stop();
    expect([await text, alone, last, printed(twice), printed(hidden), printed(missing)]).to.deep.equal([
      '{"jsonrpc":"2.0","id":1,"result":{"to":"x","payload":{"a": 1.50e0, "ü":[ ]}}}',
      result({ payload: null }, 2),
      result({ to: 'x', payload: 1 }, 3),
      error(-32602, 4),
      error(-32602, 5),
      error(-32602, 6),
    ]);
  });

  it('answers a thrown error that is not ours without its text, and logs it under an incident [RPC-07]', async () => {
    const host = await startRpcHost();
    addTestMethods(host);
    const client = await RpcClient.connect(host.url, KEYS.admin);
    const failed = (await client.call('fail')) as {
      error: { code: number; message: string; data: { incident: string } };
    };
    const unwritable = (await client.call('unwritable')) as { error: { code: number } };
    await client.close();
    await host.stop();
    const logged = host.errors.map(({ fields }) => fields as { incident: string; err: Error; plugin: string });
    expect({
      code: failed.error.code,
      leaks: JSON.stringify(failed).includes('secret'),
      incident: logged[0]?.incident === failed.error.data.incident,
      cause: logged[0]?.err.message,
      plugin: logged[0]?.plugin,
      unwritable: unwritable.error.code,
    }).to.deep.equal({
      code: -32603,
      leaks: false,
      incident: true,
      cause: 'the secret is 42',
      plugin: 'test',
      unwritable: -32603,
    });
  });
});
