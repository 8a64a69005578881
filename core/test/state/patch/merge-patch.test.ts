import { expect } from 'chai';
import type { Json } from '../../../src/state/patch/json.js';
import { applyMergePatch } from '../../../src/state/patch/merge-patch.js';

/** RFC 7396, Appendix A: original, patch, result. */
const EXAMPLES: readonly (readonly [string, string, string])[] = [
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', '{}'],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['["a","b"]', '["c","d"]', '["c","d"]'],
  ['{"a":"b"}', '["c"]', '["c"]'],
  ['{"a":"foo"}', 'null', 'null'],
  ['{"a":"foo"}', '"bar"', '"bar"'],
  ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
  ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
  ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
];

describe('a JSON Merge Patch', () => {
  it('gives what RFC 7396 says in its Appendix A, and leaves the original [STATE-28]', () => {
    const given = EXAMPLES.map(([original, patch]) => {
      const target = JSON.parse(original) as Json;
      const result = applyMergePatch(target, JSON.parse(patch) as Json);
      return [JSON.stringify(target), patch, JSON.stringify(result)];
    });
    expect(given).to.deep.equal(EXAMPLES);
  });

  it('gives what RFC 7396 says in its section 3 [STATE-28]', () => {
    const original = {
      title: 'Goodbye!',
      author: { givenName: 'John', familyName: 'Doe' },
      tags: ['example', 'sample'],
      content: 'This will be unchanged',
    };
    const patch = { title: 'Hello!', phoneNumber: '+01-123-456-7890', author: { familyName: null }, tags: ['example'] };
    expect(applyMergePatch(original, patch)).to.deep.equal({
      title: 'Hello!',
      author: { givenName: 'John' },
      tags: ['example'],
      content: 'This will be unchanged',
      phoneNumber: '+01-123-456-7890',
    });
  });

  it('makes a member of a name that a prototype has, and no prototype [STATE-28]', () => {
    const merged = applyMergePatch({}, JSON.parse('{"__proto__":{"admin":true}}') as Json) as object;
    expect([Object.keys(merged), 'admin' in merged]).to.deep.equal([['__proto__'], false]);
  });
});
