import type { Socket } from 'node:net';
import { SystemTimers } from '@ai-orchestrator/core';
import { expect } from 'chai';
import { limitsOf } from '../../src/config.js';
import { HttpExchange } from '../../src/upstream/http-exchange.js';
import { Intake } from '../../src/upstream/intake.js';
import { eventually } from '../upstream/world.js';
import { ask, poolTo, rawServer } from './raw-server.js';

const LIMITS = limitsOf({});
const LETTERS = ['a', 'b', 'c', 'd'];
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

describe('connections to an MCP server over HTTP', () => {
  it('are used again, within the bound of their number, and the others wait [MCP-34]', async () => {
    let most = 0;
    await using server = await rawServer((socket) => {
      most = Math.max(most, server.open());
      setTimeout(() => socket.write(OK), 5);
    });
    using pool = poolTo(server, { connections: 2, waiting: 6 });
    const answers = await Promise.all(Array.from({ length: 9 }, (_, n) => ask(pool, { path: `/${n}` })));
    const refused = 'failed: 6 requests wait for a connection to the server already';
    // Until a connection is made, even the first ones wait.
    expect([answers, most, server.asked.map((line) => line.slice(2)).sort()]).to.deep.equal([
      [...Array.from({ length: 6 }, () => '200 ok'), refused, refused, refused],
      2,
      [0, 1, 2, 3, 4, 5].map((n) => `POST /${n}`),
    ]);
  });

  it('are closed when they carried nothing for a time, or before the server closes them [MCP-34]', async () => {
    const hint = 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok';
    await using server = await rawServer((socket, text) => socket.write(text.includes('/hint') ? hint : OK));
    using pool = poolTo(server, { idleMs: 3_000 });
    const answers = [await ask(pool), await ask(pool)];
    await eventually('it was closed', () => server.open() === 0);
    answers.push(await ask(pool, { path: '/hint' }), await ask(pool));
    expect([answers, server.asked]).to.deep.equal([
      Array.from({ length: 4 }, () => '200 ok'),
      ['1 POST /mcp', '1 POST /mcp', '2 POST /hint', '3 POST /mcp'],
    ]);
  });

  it('are not used again after an answer that ends them, comes early, or is followed by more [MCP-34]', async () => {
    const answers: readonly string[] = [
      'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok',
      'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok',
      `${OK}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmine`,
      OK,
    ];
    await using server = await rawServer((socket, text) =>
      socket.write(answers[Number(/\/(\d) /.exec(text)?.[1])] ?? ''),
    );
    using pool = poolTo(server);
    const got: string[] = [];
    for (const n of answers.keys()) got.push(await ask(pool, { path: `/${n}` }));
    got.push(await ask(pool, { path: '/3', body: 'x'.repeat(8_000_000), headers: { early: 'yes' } }));
    got.push(await ask(pool, { path: '/3' }));
    expect([got, server.asked]).to.deep.equal([
      Array.from({ length: 6 }, () => '200 ok'),
      ['1 POST /0', '2 POST /1', '3 POST /2', '4 POST /3', '4 POST /3', '5 POST /3'],
    ]);
  });

  it('that the server closed meanwhile cost no request: it goes over another [MCP-34]', async () => {
    await using server = await rawServer((socket) => {
      socket.write(OK);
      setTimeout(() => socket.end(), 1);
    });
    using pool = poolTo(server);
    const got = [await ask(pool)];
    await eventually('it was closed', () => server.open() === 0);
    got.push(await ask(pool));
    expect([got, server.asked]).to.deep.equal([
      ['200 ok', '200 ok'],
      ['1 POST /mcp', '2 POST /mcp'],
    ]);
  });

  it('send nothing of what was given up in the turn in which it came [MCP-34]', async () => {
    await using server = await rawServer((socket) => socket.write(OK));
    using pool = poolTo(server);
    const got = [await ask(pool)];
    void ask(pool, { path: '/given-up' }, (sent) => sent.abandon());
    got.push(await ask(pool));
    expect([got, server.asked]).to.deep.equal([
      ['200 ok', '200 ok'],
      ['1 POST /mcp', '2 POST /mcp'],
    ]);
  });

  it('that end before a request was written cost none, be it a POST, and what they say is no answer to it [MCP-34]', async () => {
    let last: Socket | undefined;
    await using server = await rawServer((socket) => {
      last = socket;
      socket.write(OK);
    });
    using pool = poolTo(server);
    const got = [await ask(pool)];
    // From a timer, for what came is read between it and the end of its turn.
    await new Promise<void>((resolve) => setTimeout(resolve, 1));
    last?.write(OK);
    got.push(await ask(pool));
    expect([got, server.asked]).to.deep.equal([
      ['200 ok', '200 ok'],
      ['1 POST /mcp', '2 POST /mcp'],
    ]);
  });

  it('that are closed instead of an answer: what may be sent twice is sent again, once, a POST never [MCP-34]', async () => {
    await using server = await rawServer((socket, text, nth) => {
      if (nth === 1 && !text.includes('/never')) socket.write(OK);
      else socket.destroy();
    });
    using pool = poolTo(server);
    const got = [
      await ask(pool),
      await ask(pool),
      await ask(pool),
      await ask(pool, { method: 'GET', body: undefined }),
    ];
    got.push(await ask(pool, { method: 'DELETE', path: '/never', body: undefined }));
    const lost = 'failed: the server closed the connection';
    expect([got.map((text) => text.slice(0, lost.length)), server.asked]).to.deep.equal([
      ['200 ok', lost, '200 ok', '200 ok', lost],
      ['1 POST /mcp', '1 POST /mcp', '2 POST /mcp', '2 GET /mcp', '3 GET /mcp', '3 DELETE /never', '4 DELETE /never'],
    ]);
  });

  it('are closed when the answer is malformed, cut or not wanted any more, and only that request fails [MCP-33]', async () => {
    const left: number[] = [];
    await using server = await rawServer((socket, text) => {
      socket.once('close', () => left.push(1));
      if (text.includes('/malformed')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n');
      else if (text.includes('/large')) socket.write(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(20_000)}`);
      else if (text.includes('/cut')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok');
      else if (!text.includes('/silent')) socket.write(OK);
    });
    using pool = poolTo(server);
    const got: string[] = [];
    for (const path of ['/malformed', '/large', '/cut']) got.push(await ask(pool, { path }), await ask(pool));
    void ask(pool, { path: '/silent' }, (sent) => setTimeout(() => sent.abandon(), 20));
    got.push(await ask(pool));
    await eventually('each was closed', () => left.length >= 7);
    expect(got).to.deep.equal([
      'failed: the server answered with malformed HTTP: its Content-Length',
      '200 ok',
      'failed: the server answered with malformed HTTP: its header is larger than 16384 bytes',
      '200 ok',
      'failed: the server closed the connection before its answer was whole',
      '200 ok',
      '200 ok',
    ]);
  });

  it('are held back while nothing more is to be read, and are read on from there [MCP-32]', async () => {
    const body = 'x'.repeat(2_000_000);
    await using server = await rawServer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    });
    using pool = poolTo(server);
    const pauses: number[] = [];
    let bytes = 0;
    await new Promise<void>((resolve, reject) => {
      const sent = pool.send(
        { method: 'POST', path: '/mcp', headers: {}, body: '{}' },
        {
          started: () => undefined,
          data: (chunk) => {
            bytes += chunk.length;
            if (pauses.length === 3) return;
            sent.pause();
            const before = bytes;
            setTimeout(() => {
              pauses.push(bytes - before);
              sent.resume();
            }, 20);
          },
          ended: resolve,
          failed: reject,
        },
      );
    });
    expect([pauses, bytes, await ask(pool).then((text) => text.length)]).to.deep.equal([
      [0, 0, 0],
      2_000_000,
      2_000_004,
    ]);
  });

  it('may bring parts of answers in turns, which are kept apart [MCP-32]', async () => {
    await using server = await rawServer((socket, text) => {
      const letter = text.slice('POST /'.length, 'POST /'.length + 1);
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n`);
      for (let part = 1; part <= 6; part++) setTimeout(() => socket.write(`${letter}${part}`), 3 * part);
    });
    using pool = poolTo(server, { connections: 4 });
    const bodies = LETTERS.map(
      (letter) =>
        new Promise<string>((resolve) => {
          const exchange = new HttpExchange(
            {
              event: () => undefined,
              ended: (outcome) => resolve(outcome.kind === 'body' ? outcome.text : outcome.kind),
            },
            new Intake(LIMITS, new SystemTimers(), () => undefined),
            1_000,
          );
          exchange.goOver(pool, { method: 'POST', path: `/${letter}`, headers: {}, body: '{}' });
        }),
    );
    expect(await Promise.all(bodies)).to.deep.equal(LETTERS.map((a) => `${a}1${a}2${a}3${a}4${a}5${a}6`));
  });

  it('may bring heads and sizes of chunks in parts, in turns, which are kept apart too [MCP-32]', async () => {
    await using server = await rawServer((socket, text) => {
      const letter = text.slice('POST /'.length, 'POST /'.length + 1);
      const twenty = letter.repeat(20);
      const head = `HTTP/1.1 200 OK\r\nx-${letter}: ${twenty}\r\nTransfer-Encoding: chunked\r\n\r\n`;
      const whole = `${head}00c;${twenty}\r\n${letter.repeat(12)}\r\n0\r\n\r\n`;
      socket.setNoDelay(true);
      for (let at = 0; at < whole.length; at += 6) setTimeout(() => socket.write(whole.slice(at, at + 6)), at / 2 + 1);
    });
    using pool = poolTo(server, { connections: 4 });
    const bodies = LETTERS.map((letter) => ask(pool, { path: `/${letter}` }));
    expect(await Promise.all(bodies)).to.deep.equal(LETTERS.map((letter) => `200 ${letter.repeat(12)}`));
  });

  it('carry requests out of whose header nothing can break [MCP-35]', async () => {
    let seen = '';
    await using server = await rawServer((socket, text) => {
      seen = text;
      socket.write(OK);
    });
    using pool = poolTo(server);
    const got: string[] = [];
    // A field that was right once.
    await ask(pool, { headers: { a: 'b' } });
    const refused: readonly Record<string, string>[] = [
      { a: 'b\r\nc: d' },
      { a: '\n' },
      { 'a b': 'c' },
      { 'a\r\nb': 'c' },
      { '': 'c' },
      { a: '\u20ac' },
      { 'Content-Length': '9' },
      { Host: 'another' },
      { 'transfer-encoding': 'chunked' },
    ];
    for (const headers of refused) got.push(await ask(pool, { headers }));
    for (const path of ['/a b', '/a\r\nb', 'a']) got.push(await ask(pool, { path }));
    const said = await ask(pool, { headers: { a: 'b\u00e9', c: 'd' }, body: '"\u20ac"' });
    expect([got.filter((text) => !text.startsWith('failed: the ')), said, server.asked.length, seen]).to.deep.equal([
      [],
      '200 ok',
      2,
      [
        'POST /mcp HTTP/1.1',
        `host: 127.0.0.1:${server.port}`,
        'connection: keep-alive',
        'a: b\u00e9',
        'c: d',
        'content-length: 5',
        '',
        Buffer.from('"\u20ac"').toString('latin1'),
      ].join('\r\n'),
    ]);
  });
});
