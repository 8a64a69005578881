import { expect } from 'chai';
import type { Json } from '../../../src/state/patch/json.js';
import { applyJsonPatch, PatchError } from '../../../src/state/patch/json-patch.js';
import type { PatchOperation } from '../../../src/state/patch/json-patch.js';

const LIMITS = { copiedBytes: 1_000, depth: 8 };

interface Example {
  readonly name: string;
  readonly on: Json;
  readonly patch: readonly PatchOperation[];
  /** What it gives, or what an error says. */
  readonly gives: Json;
}

/** RFC 6902, Appendix A; those that are about duplicate members and unknown operations are refused before. */
const EXAMPLES: readonly Example[] = [
  {
    name: 'A.1 adding an object member',
    on: { foo: 'bar' },
    patch: [{ op: 'add', path: '/baz', value: 'qux' }],
    gives: { baz: 'qux', foo: 'bar' },
  },
  {
    name: 'A.2 adding an array element',
    on: { foo: ['bar', 'baz'] },
    patch: [{ op: 'add', path: '/foo/1', value: 'qux' }],
    gives: { foo: ['bar', 'qux', 'baz'] },
  },
  {
    name: 'A.3 removing an object member',
    on: { baz: 'qux', foo: 'bar' },
    patch: [{ op: 'remove', path: '/baz' }],
    gives: { foo: 'bar' },
  },
  {
    name: 'A.4 removing an array element',
    on: { foo: ['bar', 'qux', 'baz'] },
    patch: [{ op: 'remove', path: '/foo/1' }],
    gives: { foo: ['bar', 'baz'] },
  },
  {
    name: 'A.5 replacing a value',
    on: { baz: 'qux', foo: 'bar' },
    patch: [{ op: 'replace', path: '/baz', value: 'boo' }],
    gives: { baz: 'boo', foo: 'bar' },
  },
  {
    name: 'A.6 moving a value',
    on: { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
    patch: [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
    gives: { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
  },
  {
    name: 'A.7 moving an array element',
    on: { foo: ['all', 'grass', 'cows', 'eat'] },
    patch: [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
    gives: { foo: ['all', 'cows', 'eat', 'grass'] },
  },
  {
    name: 'A.8 testing a value: success',
    on: { baz: 'qux', foo: ['a', 2, 'c'] },
    patch: [
      { op: 'test', path: '/baz', value: 'qux' },
      { op: 'test', path: '/foo/1', value: 2 },
    ],
    gives: { baz: 'qux', foo: ['a', 2, 'c'] },
  },
  {
    name: 'A.9 testing a value: error',
    on: { baz: 'qux' },
    patch: [{ op: 'test', path: '/baz', value: 'bar' }],
    gives: '0: /baz is not what the test expects',
  },
  {
    name: 'A.10 adding a nested member object',
    on: { foo: 'bar' },
    patch: [{ op: 'add', path: '/child', value: { grandchild: {} } }],
    gives: { foo: 'bar', child: { grandchild: {} } },
  },
  {
    name: 'A.12 adding to a nonexistent target',
    on: { foo: 'bar' },
    patch: [{ op: 'add', path: '/baz/bat', value: 'qux' }],
    gives: '0 path: is in nothing that has members',
  },
  {
    name: 'A.14 ~ escape ordering',
    on: { '/': 9, '~1': 10 },
    patch: [{ op: 'test', path: '/~01', value: 10 }],
    gives: { '/': 9, '~1': 10 },
  },
  {
    name: 'A.15 comparing strings and numbers',
    on: { '/': 9, '~1': 10 },
    patch: [{ op: 'test', path: '/~01', value: '10' }],
    gives: '0: /~01 is not what the test expects',
  },
  {
    name: 'A.16 adding an array value',
    on: { foo: ['bar'] },
    patch: [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
    gives: { foo: ['bar', ['abc', 'def']] },
  },
];

/** What the clauses say besides. */
const CLAUSES: readonly Example[] = [
  {
    name: '4.1 replaces a member that is there already',
    on: { a: 1 },
    patch: [{ op: 'add', path: '/a', value: null }],
    gives: { a: null },
  },
  {
    name: '4.1 takes no place past the end',
    on: [1],
    patch: [{ op: 'add', path: '/2', value: 2 }],
    gives: '0 path: is past the end of the array, which has 1',
  },
  {
    name: '4.1 takes no leading zero',
    on: [1],
    patch: [{ op: 'add', path: '/01', value: 2 }],
    gives: '0 path: 01 is no place in an array',
  },
  { name: '4.1 replaces the whole', on: [1], patch: [{ op: 'add', path: '', value: { a: 1 } }], gives: { a: 1 } },
  {
    name: '4.2 removes only what is there',
    on: {},
    patch: [{ op: 'remove', path: '/a' }],
    gives: '0 path: is not there',
  },
  {
    name: '4.3 replaces only what is there',
    on: {},
    patch: [{ op: 'replace', path: '/a', value: 1 }],
    gives: '0 path: is not there',
  },
  {
    name: '4.4 moves nothing into itself',
    on: { a: { b: 1 } },
    patch: [{ op: 'move', from: '/a', path: '/a/b' }],
    gives: '0 from: cannot be moved into itself',
  },
  {
    name: '4.5 copies, so that one changes without the other',
    on: { a: { n: 1 } },
    patch: [
      { op: 'copy', from: '/a', path: '/b' },
      { op: 'replace', path: '/b/n', value: 2 },
    ],
    gives: { a: { n: 1 }, b: { n: 2 } },
  },
  {
    name: '4.6 compares members in any order',
    on: { a: { x: 1, y: [1] } },
    patch: [{ op: 'test', path: '/a', value: { y: [1], x: 1 } }],
    gives: { a: { x: 1, y: [1] } },
  },
  {
    name: '5 names the operation that fails',
    on: { a: 1 },
    patch: [
      { op: 'remove', path: '/a' },
      { op: 'test', path: '/a', value: 1 },
    ],
    gives: '1: /a is not what the test expects',
  },
  {
    name: 'our own: no way to a prototype',
    on: {},
    patch: [{ op: 'add', path: '/__proto__', value: { admin: true } }],
    gives: '0 path: may not name __proto__',
  },
  {
    name: 'our own: no way through a prototype',
    on: {},
    patch: [{ op: 'add', path: '/constructor/x', value: 1 }],
    gives: '0 path: is in nothing that has members',
  },
  {
    name: 'our own: nests only so deep',
    on: { a: {} },
    patch: [{ op: 'add', path: '/a/b', value: [[[[[[[]]]]]]] }],
    gives: '0 value: would nest deeper than 8',
  },
  {
    name: 'our own: copies only so much',
    on: { a: ['x'.repeat(300)] },
    patch: Array.from({ length: 9 }, () => ({ op: 'copy', from: '/a', path: '/a/-' }) as const),
    gives: '2 from: makes more than 1000 bytes of copies',
  },
];

function given({ on, patch }: Example): Json | undefined {
  try {
    return applyJsonPatch(structuredClone(on), patch, LIMITS);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    const { index, member, message } = error;
    return `${String(index)}${member === undefined ? '' : ` ${member}`}: ${message}`;
  }
}

describe('a JSON Patch', () => {
  for (const example of EXAMPLES) {
    it(`gives what RFC 6902 says: ${example.name} [STATE-29]`, () => {
      expect(given(example)).to.deep.equal(example.gives);
    });
  }

  for (const example of CLAUSES) {
    it(`${example.name} [STATE-29]`, () => {
      expect(given(example)).to.deep.equal(example.gives);
    });
  }
});
