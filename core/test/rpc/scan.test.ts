import { expect } from 'chai';
import fc from 'fast-check';
import { MEMBER, Scanner } from '../../src/rpc/scan.js';

const scanner = () => new Scanner({ depth: 64, keys: 10_000, batchCalls: 50 });

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Scans a text; answers what it is, or its fault. */
function scanned(text: string): string {
  const scan = scanner();
  const kind = scan.scan(Buffer.from(text));
  return kind === 'fault' ? scan.fault : kind;
}

function slice(frame: Buffer, scan: Scanner, member: number): string | undefined {
  return scan.has(member) ? frame.toString('utf8', scan.from[member], scan.to[member]) : undefined;
}

/** A JSON text with a few bytes changed, dropped or doubled: mostly almost JSON. */
const nearlyJson = fc
  .tuple(
    fc.json(),
    fc.array(
      fc.record({
        at: fc.nat(),
        cut: fc.integer({ min: 0, max: 2 }),
        put: fc.constantFrom(
          '',
          '"',
          '\\',
          ',',
          ':',
          '{',
          '}',
          '[',
          ']',
          '0',
          '-',
          '.',
          'e',
          ' ',
          '\n',
          '\u0001',
          'u',
          'true',
        ),
      }),
      { maxLength: 3 },
    ),
  )
  .map(([json, edits]) =>
    edits.reduce((text, { at, cut, put }) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + put + text.slice(place + cut);
    }, json),
  );

describe('the scan of a frame', () => {
  it('accepts exactly what JSON.parse accepts [RPC-01]', () => {
    fc.assert(
      fc.property(nearlyJson, (text) => {
        fc.pre(Buffer.from(text).toString() === text);
        const verdict = scanned(text);
        fc.pre(verdict !== 'forbidden_key' && verdict !== 'depth' && verdict !== 'duplicate_member');
        return (verdict !== 'syntax') === parses(text);
      }),
      { numRuns: 5000 },
    );
  });

  it('decides the corners of the grammar as JSON.parse does [RPC-01]', () => {
    const corners = [
      '',
      ' ',
      '-',
      '01',
      '1.',
      '.5',
      '1e',
      '1e+',
      '-0',
      '1E-2',
      '"\\x"',
      '"\\u12"',
      '"\\ud800"',
      '"\t"',
      '[,]',
      '[1,]',
    ];
    corners.push(
      '{"a"}',
      '{"a":}',
      '{"a":1,}',
      '{a:1}',
      '[1 2]',
      '{"a":1]',
      '[1}',
      'nul',
      'truee',
      '\ufeff{}',
      '{}{}',
      '[]]',
      '"a',
      '\u00a0[]',
    );
    expect(corners.filter((text) => (scanned(text) !== 'syntax') !== parses(text))).to.deep.equal([]);
  });

  it('says where the members of the envelope and of its params lie', () => {
    const frame = Buffer.from(
      '{ "jsonrpc":"2.0","id" : "ü","method":"m", "params":{"a":[1,{"b":2}] ,"p\\u0061":"}"} }',
    );
    const scan = scanner();
    const kind = scan.scan(frame);
    const params = Array.from({ length: scan.paramCount }, (_, i) => {
      const [k0, k1, v0, v1] = scan.params.subarray(i * 4, i * 4 + 4);
      return [frame.toString('utf8', k0, k1), frame.toString('utf8', v0, v1)];
    });
    expect({
      kind,
      id: slice(frame, scan, MEMBER.id),
      method: slice(frame, scan, MEMBER.method),
      params,
    }).to.deep.equal({
      kind: 'object',
      id: '"ü"',
      method: '"m"',
      params: [
        ['a', '[1,{"b":2}]'],
        ['p\\u0061', '"}"'],
      ],
    });
  });

  it('refuses a member of the envelope that is there twice, also when one is written with an escape [RPC-02]', () => {
    expect([
      scanned('{"method":"a","method":"b"}'),
      scanned('{"method":"a","m\\u0065thod":"b"}'),
      scanned('{"x":1,"x":2}'),
    ]).to.deep.equal(['duplicate_member', 'duplicate_member', 'object']);
  });

  it('refuses __proto__ and constructor.prototype however they are written [F67]', () => {
    expect([
      scanned('{"params":{"__proto__":1}}'),
      scanned('{"params":{"a":[{"_\\u005fproto__":1}]}}'),
      scanned('{"params":{"constructor":{"prototype":1}}}'),
      scanned('{"params":{"constr\\u0075ctor":{"a":1,"protot\\u0079pe":1}}}'),
      scanned('{"params":{"constructor":{"a":{"prototype":1}}}}'),
      scanned('{"params":{"constructor":[{"prototype":1}],"prototype":2}}'),
      scanned('{"params":{"value":"__proto__"}}'),
    ]).to.deep.equal([
      'forbidden_key',
      'forbidden_key',
      'forbidden_key',
      'forbidden_key',
      'object',
      'object',
      'object',
    ]);
  });

  it('holds the bounds of depth and of members exactly', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    const members = (count: number) => `{${Array.from({ length: count }, (_, i) => `"${i}":0`).join(',')}}`;
    expect([
      scanned(nested(64)),
      scanned(nested(65)),
      scanned(members(10_000)),
      scanned(members(10_001)),
    ]).to.deep.equal(['array', 'depth', 'object', 'keys']);
  });
});
