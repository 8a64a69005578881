import { expect } from 'chai';
import { MalformedAnswer } from '../../src/http-client/answer-head.js';
import { AnswerReader } from '../../src/http-client/answer-reader.js';

const HEAD_BYTES = 1_000;

/** What is read of an answer that comes in these pieces, and what came after it. */
function read(pieces: readonly string[], ends = false) {
  const heard: string[] = [];
  let body = '';
  const parts = {
    head: ({ status, keepsAlive }: { readonly status: number; readonly keepsAlive: boolean }) =>
      void heard.push(`${status} ${keepsAlive ? 'again' : 'once'}`),
    body: (bytes: Buffer) => void (body += bytes.toString('latin1')),
    end: () => void heard.push(`"${body}"`),
  };
  const reader = new AnswerReader(parts, HEAD_BYTES);
  let after = '';
  try {
    reader.begin();
    for (const piece of pieces) {
      const bytes = Buffer.from(piece, 'latin1');
      after += bytes.toString('latin1', reader.take(Buffer.from(bytes)));
    }
    if (ends) heard.push(reader.finish() ? 'whole' : 'cut');
  } catch (error) {
    if (!(error instanceof MalformedAnswer)) throw error;
    heard.push('malformed');
  }
  return [...heard, ...(after === '' ? [] : [`then "${after}"`])].join(' ');
}

/** The same answer in every two pieces, and byte by byte; one result where all are read alike. */
function readInPieces(answer: string, ends = false) {
  const results = new Set([read([answer], ends), read(Array.from(answer), ends)]);
  for (let at = 1; at < answer.length; at++) results.add(read([answer.slice(0, at), answer.slice(at)], ends));
  return [...results];
}

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

describe('an answer of an MCP server over HTTP', () => {
  it('ends where its length, its last chunk or the connection says, in whatever pieces it comes [MCP-32]', () => {
    const answers: readonly (readonly [string, string])[] = [
      [`${OK}Content-Length: 5\r\n\r\nhello`, '200 again "hello"'],
      [`${OK}Content-Length: 0\r\n\r\n`, '200 again ""'],
      [`${OK}content-length:5, 5\r\n\r\nhello`, '200 again "hello"'],
      [`${CHUNKED}2\r\nhe\r\n003 ; a=b\r\nllo\r\n0\r\nX: y\r\n\r\n`, '200 again "hello"'],
      [`${CHUNKED}0\r\n\r\n`, '200 again ""'],
      ['HTTP/1.1 204\r\n\r\n', '204 again ""'],
      ['HTTP/1.1 202 \r\nConnection: Close\r\nContent-Length: 0\r\n\r\n', '202 once ""'],
      ['HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok', '200 once "ok"'],
      ['HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok', '200 again "ok"'],
      [
        `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n${OK}Content-Length: 2\r\n\r\nok`,
        '200 again "ok"',
      ],
    ];
    const cut = (answer: string) => [answer, readInPieces(answer)];
    const rest = `${OK}Connection: close\r\n\r\nhello`;
    expect([...answers.map(([answer]) => cut(answer)), readInPieces(rest, true)]).to.deep.equal([
      ...answers.map(([answer, result]) => [answer, [result]]),
      ['200 once "hello" whole'],
    ]);
  });

  it('is known to be cut, or to be followed by what was not asked for [MCP-32]', () => {
    const after = 'HTTP/1.1 200 OK\r\n';
    expect([
      readInPieces(`${OK}Content-Length: 6\r\n\r\nhello`, true),
      readInPieces(`${CHUNKED}5\r\nhello\r\n`, true),
      readInPieces('HTTP/1.1 200 O', true),
      read([`${OK}Content-Length: 2\r\n\r\nok${after}`]),
      read([`${CHUNKED}2\r\nok\r\n0\r\n\r\n${after}`]),
    ]).to.deep.equal([
      ['200 again cut'],
      ['200 again cut'],
      ['cut'],
      `200 again "ok" then "${after}"`,
      `200 again "ok" then "${after}"`,
    ]);
  });

  it('is refused where it could be read in two ways, or has a header past the bound [MCP-33]', () => {
    const heads = [
      'HTTP/2 200 OK\r\n\r\n',
      'HTTP/1.1 0200 OK\r\n\r\n',
      'ICY 200 OK\r\n\r\n',
      ' HTTP/1.1 200 OK\r\n\r\n',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n',
      `${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n`,
      `${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\n`,
      `${OK}Content-Length: -1\r\n\r\n`,
      `${OK}Content-Length: 0x2\r\n\r\n`,
      `${OK}Content-Length: 99999999999999999999\r\n\r\n`,
      `${OK}Content-Length: \r\n\r\n`,
      `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`,
      `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
      'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
      `${OK}Content-Length : 2\r\n\r\n`,
      `${OK}Content-Length: 2\r\n folded\r\n\r\n`,
      `${OK}A: b\nContent-Length: 2\r\n\r\n`,
      `${OK}A: b\rC\r\n\r\n`,
      `${OK}A: \0\r\n\r\n`,
      `${OK}no field\r\n\r\n`,
      `${OK}: no name\r\n\r\n`,
      `${OK}A: ${'x'.repeat(HEAD_BYTES)}\r\n\r\n`,
      'HTTP/1.1 100 Continue\r\n\r\n'.repeat(50),
    ];
    const bodies = [
      'x\r\n',
      '\r\n',
      '-1\r\n',
      '1\r\nab\r\n',
      '1 1\r\n',
      '1000000000000\r\n',
      `1;${'x'.repeat(HEAD_BYTES)}`,
    ];
    const trailer = `0\r\n${'A: b\r\n'.repeat(HEAD_BYTES)}`;
    const wrong = heads.filter((head) => read([head]) !== 'malformed');
    const wrongBodies = [...bodies, trailer].filter((body) => read([CHUNKED, body]) !== '200 again malformed');
    const endless = read(Array.from({ length: HEAD_BYTES + 1 }, () => 'H'));
    expect([wrong, wrongBodies, endless]).to.deep.equal([[], [], 'malformed']);
  });
});
