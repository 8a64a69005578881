import { Client as OpenRpcClient, RequestManager, WebSocketTransport } from '@open-rpc/client-js';
import { expect } from 'chai';
import jayson from 'jayson/promise/index.js';
import { JSONRPCClient, type JSONRPCResponse } from 'json-rpc-2.0';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client as RpcWebSocketsClient } from 'rpc-websockets';
import { listen } from 'vscode-ws-jsonrpc';
import { WebSocket } from 'ws';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));

type OpenedConnection = Parameters<Parameters<typeof listen>[0]['onConnection']>[0];

/** Runs something against a daemon of its own. */
async function withDaemon<T>(use: (daemon: TestDaemon) => Promise<T>): Promise<T> {
  const daemon = await startTestDaemon();
  try {
    return await use(daemon);
  } finally {
    await daemon.stop();
  }
}

/** An open socket that logged in by the header of its upgrade. */
async function openSocket({ url, adminKey }: TestDaemon): Promise<WebSocket> {
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${adminKey}` } });
  await once(socket, 'open');
  return socket;
}

/** What every client asks: a method that needs a login. The answer's members that are the same for each daemon. */
const roles = (session: unknown) => (session as { principal: { roles: string[] } }).principal.roles;

describe('JSON-RPC clients of others make an authenticated call', () => {
  it('rpc-websockets, logged in by the header [CLIENT-50]', async () => {
    await withDaemon(async ({ url, adminKey }) => {
      const headers = { authorization: `Bearer ${adminKey}` };
      const client = new RpcWebSocketsClient(url, { reconnect: false, headers });
      await new Promise<void>((resolve) => client.on('open', () => resolve()));
      expect(roles(await client.call('session.get', {}))).to.deep.equal(['admin']);
      const closed = new Promise<void>((resolve) => client.on('close', () => resolve()));
      client.close();
      await closed;
    });
  });

  it('@open-rpc/client-js, logged in by its first call [CLIENT-51]', async () => {
    await withDaemon(async ({ url, adminKey }) => {
      const manager = new RequestManager([new WebSocketTransport(url)]);
      const client = new OpenRpcClient(manager);
      await client.request({ method: 'session.authenticate', params: { token: adminKey } });
      expect(roles(await client.request({ method: 'session.get', params: {} }))).to.deep.equal(['admin']);
      manager.close();
    });
  });

  it('json-rpc-2.0, logged in by the header [CLIENT-52]', async () => {
    await withDaemon(async (daemon) => {
      const socket = await openSocket(daemon);
      const client = new JSONRPCClient((request) => socket.send(JSON.stringify(request)));
      socket.on('message', (data: Buffer) => client.receive(JSON.parse(data.toString()) as JSONRPCResponse));
      expect(roles(await client.request('session.get', {}))).to.deep.equal(['admin']);
      socket.terminate();
    });
  });

  it('vscode-ws-jsonrpc, logged in by its first call [CLIENT-53]', async () => {
    await withDaemon(async ({ url, adminKey }) => {
      const socket = new WebSocket(url);
      const connection = await new Promise<OpenedConnection>((resolve) =>
        listen({ webSocket: socket as never, onConnection: resolve }),
      );
      connection.listen();
      await connection.sendRequest('session.authenticate', { token: adminKey });
      expect(roles(await connection.sendRequest('session.get', {}))).to.deep.equal(['admin']);
      connection.dispose();
      socket.terminate();
    });
  });

  it('jayson, logged in by the header [CLIENT-54]', async () => {
    await withDaemon(async (daemon) => {
      const ws = await openSocket(daemon);
      const client = jayson.Client.websocket({ ws: ws as never });
      const answer = (await client.request('session.get', {})) as { result: unknown };
      expect(roles(answer.result)).to.deep.equal(['admin']);
      ws.terminate();
    });
  });

  it('wscat, logged in by the header [CLIENT-55]', async () => {
    await withDaemon(async ({ url, adminKey }) => {
      const call = '{"jsonrpc":"2.0","id":1,"method":"session.get","params":{}}';
      const header = `Authorization: Bearer ${adminKey}`;
      const args = ['--no-color', '--wait', '1', '--header', header, '--connect', url, '--execute', call];
      const { stdout } = await run(`${root}/node_modules/.bin/wscat`, args);
      expect(roles((JSON.parse(stdout) as { result: unknown }).result)).to.deep.equal(['admin']);
    });
  });

  it("Python's websockets, logged in by the header [CLIENT-56]", async () => {
    const program = `
import asyncio, json, os, websockets
async def main():
    headers = {"Authorization": "Bearer " + os.environ["ORCHESTRATOR_TOKEN"]}
    async with websockets.connect(os.environ["ORCHESTRATOR_URL"], extra_headers=headers) as socket:
        await socket.send(json.dumps({"jsonrpc": "2.0", "id": 0, "method": "session.get", "params": {}}))
        print(await socket.recv())
asyncio.run(main())`;
    await withDaemon(async (daemon) =>
      expect(await python(daemon, program)).to.deep.equal({ id: 0, roles: ['admin'] }),
    );
  });

  it("Python's autobahn, logged in by its first call [CLIENT-57]", async () => {
    const program = `
import asyncio, json, os
from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol
token = os.environ["ORCHESTRATOR_TOKEN"]
class Protocol(WebSocketClientProtocol):
    def call(self, id, method, params):
        self.sendMessage(json.dumps({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).encode())
    def onOpen(self):
        self.call("login", "session.authenticate", {"token": token})
    def onMessage(self, payload, is_binary):
        if json.loads(payload)["id"] == "login":
            self.call("", "session.get", {})
        else:
            print(payload.decode())
            self.sendClose()
    def onClose(self, clean, code, reason):
        loop.stop()
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
factory = WebSocketClientFactory(os.environ["ORCHESTRATOR_URL"])
factory.protocol = Protocol
loop.run_until_complete(loop.create_connection(factory, "127.0.0.1", factory.port))
loop.run_forever()`;
    await withDaemon(async (daemon) =>
      expect(await python(daemon, program)).to.deep.equal({ id: '', roles: ['admin'] }),
    );
  });
});

/** Runs a program that prints one answer. */
async function python({ url, adminKey }: TestDaemon, program: string): Promise<unknown> {
  const { stdout } = await run('/usr/bin/python3', ['-c', program], {
    env: { ORCHESTRATOR_URL: url, ORCHESTRATOR_TOKEN: adminKey },
    timeout: 20_000,
  });
  const { id, result } = JSON.parse(stdout) as { id: unknown; result: unknown };
  return { id, roles: roles(result) };
}
