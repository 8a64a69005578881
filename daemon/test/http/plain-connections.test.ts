import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { PlainConnections } from '../../src/http/plain-connections.js';
import type { PlainRequest } from '../../src/http/plain-request.js';
import type { PlainResponse } from '../../src/http/plain-response.js';

/** A server whose plain requests to /plain are answered by `answer`; all others are node's. */
async function served(
  answer: (request: PlainRequest, response: PlainResponse) => void = ({ body }, response) =>
    response.end(`plain ${body.length}`),
  idleMs = 5_000,
): Promise<{
  server: Server;
  plain: PlainConnections;
  open: () => Promise<Talk>;
  [Symbol.asyncDispose](): Promise<void>;
}> {
  const plain = new PlainConnections({
    limits: { headerBytes: 4_000, bodyBytes: 100_000 },
    times: { firstMs: 400, idleMs },
    headers: { 'x-common': 'yes', 'x-other': 'ours' },
    serve: (request, response) => {
      if (request.url !== '/plain') return false;
      answer(request, response);
      return true;
    },
  });
  const server = createServer(
    { headersTimeout: 400, requestTimeout: 400, connectionsCheckingInterval: 50 },
    (request, response) => {
      let bytes = 0;
      request.on('data', (part: Buffer) => (bytes += part.length));
      request.on('end', () => response.end(`node ${request.method} ${bytes}`));
    },
  );
  plain.guard(server, 'connection');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    plain,
    open: () => Talk.begin((server.address() as AddressInfo).port),
    [Symbol.asyncDispose]: async () => {
      plain.closeAll();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Waits for something that comes soon, and no longer than for ever. */
async function until(holds: () => boolean): Promise<void> {
  for (let left = 3_000; !holds(); left--) {
    if (left === 0) throw new Error(`never came: ${String(holds)}`);
    await after(5);
  }
}

/** One connection, and all that came over it. */
class Talk {
  text = '';
  closed = false;
  private constructor(readonly socket: Socket) {
    socket.on('data', (bytes: Buffer) => (this.text += bytes.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => (this.closed = true));
  }
  static async begin(port: number): Promise<Talk> {
    const socket = connect(port, '127.0.0.1').setNoDelay();
    await once(socket, 'connect');
    return new Talk(socket);
  }
  /** The bodies that came, once there are so many. */
  async bodies(count: number): Promise<string[]> {
    const found = (): string[] =>
      [...this.text.matchAll(/\r\n\r\n((?:plain|node)[^\r]*?)(?=HTTP\/1\.1|\r\n|$)/g)].map((m) => m[1] ?? '');
    await until(() => this.closed || found().length >= count);
    return found();
  }
  async end(): Promise<string> {
    await until(() => this.closed);
    return this.text;
  }
}

const post = (body: string, path = '/plain', fields = ''): string =>
  `POST ${path} HTTP/1.1\r\nHost: here\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`;

describe('PlainConnections', () => {
  it('answers plain requests one after the other over one connection, with what every answer has [DAEMON-46]', async () => {
    await using at = await served();
    const talk = await at.open();
    talk.socket.write(post('a'));
    expect(await talk.bodies(1)).to.deep.equal(['plain 1']);
    talk.socket.write(post('bb'));
    expect(await talk.bodies(2)).to.deep.equal(['plain 1', 'plain 2']);
    const [head = ''] = talk.text.split('\r\n\r\n', 1);
    expect(head.replace(/date: .*/, 'date: now').split('\r\n')).to.deep.equal([
      'HTTP/1.1 200 OK',
      'date: now',
      'x-common: yes',
      'x-other: ours',
      'content-length: 7',
      'connection: keep-alive',
      'keep-alive: timeout=5',
    ]);
    talk.socket.destroy();
  });

  it('hands over the connection with the first request of another kind, and loses nothing of it [DAEMON-46]', async () => {
    await using at = await served();
    const talk = await at.open();
    talk.socket.write(post('a'));
    await talk.bodies(1);
    talk.socket.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n');
    await talk.bodies(2);
    talk.socket.write('POST /plain HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n');
    await talk.bodies(3);
    talk.socket.write(post('d'));
    expect(await talk.bodies(4)).to.deep.equal(['plain 1', 'node GET 0', 'node POST 3', 'node POST 1']);
    talk.socket.destroy();
  });

  it('answers a request however it is cut into pieces [DAEMON-46]', async () => {
    await using at = await served();
    const request = post('abc');
    const answers = new Set<string>();
    for (let cut = 1; cut < request.length; cut++) {
      const talk = await at.open();
      talk.socket.write(request.slice(0, cut));
      await after(2);
      talk.socket.write(request.slice(cut, cut + 1));
      await after(2);
      talk.socket.write(request.slice(cut + 1));
      for (const body of await talk.bodies(1)) answers.add(body);
      talk.socket.destroy();
    }
    // In two pieces it is plain; what comes in three may be slow, and is node's to wait for.
    expect([...answers].sort()).to.deep.equal(['node POST 3', 'plain 3']);
  });

  it('answers requests that were sent before the answer to the first in their order [DAEMON-46]', async () => {
    const waiting: (() => void)[] = [];
    await using at = await served(({ body }, response) => waiting.push(() => response.end(`plain ${body.length}`)));
    const talk = await at.open();
    talk.socket.write(post('a'));
    await until(() => waiting.length > 0);
    talk.socket.write(post('bb', '/other'));
    await after(20);
    talk.socket.write(post('ccc', '/other') + post('dddd', '/other'));
    await after(20);
    waiting.shift()?.();
    expect(await talk.bodies(4)).to.deep.equal(['plain 1', 'node POST 2', 'node POST 3', 'node POST 4']);
    talk.socket.destroy();
  });

  it('refuses what could be read in two ways as node does, and ends the connection [DAEMON-46]', async () => {
    await using at = await served();
    const talk = await at.open();
    talk.socket.write(post('{}', '/plain', 'Transfer-Encoding: chunked\r\n'));
    expect((await talk.end()).split('\r\n', 1)).to.deep.equal(['HTTP/1.1 400 Bad Request']);
  });

  it('streams an answer whose length is not known in chunks, and ends it for who goes away [DAEMON-46]', async () => {
    const told: string[] = [];
    const streaming: PlainResponse[] = [];
    await using at = await served((_request, response) => {
      response.once('close', () => told.push('close'));
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      response.write('data: ä\n\n');
      streaming.push(response);
    });
    const talk = await at.open();
    talk.socket.write(post('a'));
    await until(() => talk.text.includes('data'));
    streaming[0]?.end('data: 2\n\n');
    await until(() => talk.text.includes('0\r\n\r\n'));
    const [, body] = talk.text.split('\r\n\r\n', 2);
    expect(Buffer.from(body ?? '', 'latin1').toString()).to.equal('a\r\ndata: ä\n\n\r\n9\r\ndata: 2\n\n\r\n0');
    talk.socket.write(post('b'));
    await until(() => streaming.length === 2);
    talk.socket.destroy();
    await until(() => told.length === 2);
    expect([told, streaming.map(({ destroyed }) => destroyed)]).to.deep.equal([
      ['close', 'close'],
      [true, true],
    ]);
  });

  it('closes a connection that is idle after its time, not one whose answer takes longer [DAEMON-47]', async () => {
    await using at = await served((_request, response) => setTimeout(() => response.end('plain late'), 300), 100);
    const talk = await at.open();
    talk.socket.write(post('a'));
    const asked = performance.now();
    expect(await talk.bodies(1)).to.deep.equal(['plain late']);
    await talk.end();
    // A second more than is said; timers count from when the turn began, so that each may be somewhat early.
    expect(performance.now() - asked).to.be.within(1_300, 60_000);
  });

  it('tells a client that says nothing, or no more, in the time of a first request that it was too long [DAEMON-47]', async () => {
    await using at = await served();
    const [silent, slow] = [await at.open(), await at.open()];
    slow.socket.write(post('abc').slice(0, -1));
    const statuses = await Promise.all([silent.end(), slow.end()]);
    expect(statuses.map((text) => text.split('\r\n', 1)[0])).to.deep.equal([
      'HTTP/1.1 408 Request Timeout',
      'HTTP/1.1 408 Request Timeout',
    ]);
  });

  it('asks who does not read its answers for no more [DAEMON-47]', async () => {
    let asked = 0;
    const much = 'x'.repeat(1_000_000);
    await using at = await served((_request, response) => {
      asked += 1;
      response.end(`plain ${much}`);
    });
    const talk = await at.open();
    talk.socket.pause();
    for (let sent = 0; sent < 60; sent++) {
      const before = asked;
      talk.socket.write(post('a'));
      for (let waited = 0; asked === before && waited < 50; waited += 5) await after(5);
    }
    const unread = asked;
    talk.socket.resume();
    expect(unread).to.be.within(1, 50);
    await talk.bodies(1);
    talk.socket.destroy();
  });

  it('closes idle connections when the server goes away, and those that answer after their answer [DAEMON-47]', async () => {
    const waiting: (() => void)[] = [];
    await using at = await served((_request, response) => waiting.push(() => response.end('plain last')));
    const [idle, busy] = [await at.open(), await at.open()];
    idle.socket.write(post('a'));
    await until(() => waiting.length > 0);
    waiting.shift()?.();
    await idle.bodies(1);
    busy.socket.write(post('a'));
    await until(() => waiting.length > 0);
    at.server.close();
    at.plain.closeIdle();
    await idle.end();
    waiting.shift()?.();
    expect(await busy.end())
      .to.match(/^connection: close\r$/m)
      .and.to.match(/plain last$/);
  });

  it('takes the end of what a client sends for its going away, as node does [DAEMON-47]', async () => {
    const told: string[] = [];
    await using at = await served((_request, response) => response.once('close', () => told.push('close')));
    const talk = await at.open();
    talk.socket.end(post('a'));
    expect([await talk.end(), told]).to.deep.equal(['', ['close']]);
  });

  it('lets no header field of an answer begin another one, whatever was sent before [DAEMON-46]', async () => {
    const refused: unknown[] = [];
    await using at = await served(({ body }, response) => {
      try {
        response.writeHead(200, { location: body.length === 0 ? 'a' : 'a\r\nx: b', 'content-length': 0 });
        response.end();
      } catch (error) {
        refused.push((error as Error).message);
        response.destroy();
      }
    });
    const talk = await at.open();
    talk.socket.write(post(''));
    await until(() => talk.text.includes('\r\n\r\n'));
    talk.socket.write(post('a'));
    const text = await talk.end();
    expect([text.match(/location: .*/g), text.match(/HTTP/g), refused]).to.deep.equal([
      ['location: a'],
      ['HTTP'],
      ['Invalid character in header content ["location"]'],
    ]);
  });

  it('gives a field of an answer precedence over one that every answer has, however it is written [DAEMON-46]', async () => {
    await using at = await served((_request, response) => {
      response.writeHead(200, { 'X-Other': 'caf\xe9', 'Content-Length': 8, Connection: 'keep-alive' });
      response.end('plain \u00e9');
    });
    const talk = await at.open();
    talk.socket.write(post('a'));
    await until(() => talk.text.includes('plain'));
    expect(talk.text.replace(/date: .*/, 'date: now').split('\r\n')).to.deep.equal([
      'HTTP/1.1 200 OK',
      'date: now',
      'x-common: yes',
      'X-Other: caf\xe9',
      'Content-Length: 8',
      'connection: keep-alive',
      'keep-alive: timeout=5',
      '',
      'plain \xc3\xa9',
    ]);
    talk.socket.destroy();
  });

  it('sends no body with a status that has none [DAEMON-46]', async () => {
    await using at = await served((_request, response) => {
      response.writeHead(204);
      response.end();
    });
    const talk = await at.open();
    talk.socket.write(post('a'));
    await until(() => talk.text.endsWith('\r\n\r\n'));
    talk.socket.write(post('b'));
    await until(() => talk.text.split('204').length === 3);
    expect(talk.text).not.to.match(/transfer-encoding|content-length|\r\n0\r\n/);
    talk.socket.destroy();
  });

  it('is done with an answer that is whole: what its maker does afterwards touches no other [DAEMON-46]', async () => {
    const given: PlainResponse[] = [];
    await using at = await served((_request, response) => {
      given.push(response);
      if (given.length === 1) response.end('plain one');
    });
    const talk = await at.open();
    talk.socket.write(post('a'));
    await talk.bodies(1);
    talk.socket.write(post('b'));
    await until(() => given.length === 2);
    given[0]?.end('again');
    given[0]?.destroy();
    given[1]?.end('plain two');
    expect(await talk.bodies(2)).to.deep.equal(['plain one', 'plain two']);
    talk.socket.destroy();
  });

  it('neither serves nor is cut by what comes after an answer that ends the connection [DAEMON-47]', async () => {
    let asked = 0;
    await using at = await served((_request, response) => {
      asked += 1;
      response.writeHead(200, { 'content-length': 20_000_000, connection: 'close' });
      response.end('x'.repeat(20_000_000));
    });
    const talk = await at.open();
    talk.socket.pause();
    talk.socket.write(post('a'));
    await until(() => asked === 1);
    talk.socket.write(post('b'));
    await after(20);
    talk.socket.resume();
    const all = await talk.end();
    expect([asked, all.length > 20_000_000]).to.deep.equal([1, true]);
  });

  it('notices that a client goes away that had asked for more [DAEMON-47]', async () => {
    const told: string[] = [];
    await using at = await served((_request, response) => response.once('close', () => told.push('close')));
    const talk = await at.open();
    talk.socket.write(post('a'));
    await after(20);
    talk.socket.write('\r\n');
    await after(20);
    talk.socket.end('\r\n');
    await until(() => told.length === 1);
    expect(told).to.deep.equal(['close']);
  });

  it('leaves to node what is handed over: its streams are not cut after the time of ours [DAEMON-47]', async () => {
    await using at = await served(undefined, 1);
    at.server.removeAllListeners('request');
    at.server.on('request', (_request, response) => setTimeout(() => response.end('node late'), 1_500));
    const talk = await at.open();
    talk.socket.write(post('a'));
    await talk.bodies(1);
    talk.socket.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n');
    expect(await talk.bodies(2)).to.deep.equal(['plain 1', 'node late']);
    talk.socket.destroy();
  });

  it('survives clients that reset their connections [DAEMON-47]', async () => {
    const given: PlainResponse[] = [];
    await using at = await served((_request, response) => given.push(response));
    const [idle, busy] = [await at.open(), await at.open()];
    busy.socket.write(post('a'));
    await until(() => given.length === 1);
    idle.socket.resetAndDestroy();
    busy.socket.resetAndDestroy();
    await until(() => given[0]?.destroyed === true);
    given[0]?.write('too late');
    given[0]?.end();
    const next = await at.open();
    next.socket.write(post('b'));
    await until(() => given.length === 2);
    next.socket.destroy();
  });
});
