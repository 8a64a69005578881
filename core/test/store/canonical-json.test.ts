import { expect } from 'chai';
import fc from 'fast-check';
import { canonicalJson } from '../../src/store/canonical-json.js';

/** The same value with the members of its objects the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([name, member]) => [name, reversed(member)]));
}

describe('canonical JSON', () => {
  it('is the same for equal values, and the value again when it is parsed [TOOL-40]', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(reversed(value))).to.equal(text);
        expect(JSON.parse(text)).to.deep.equal(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 500 },
    );
  });

  it('writes a string as JSON.stringify does, with every character in it [TOOL-40]', () => {
    const all = Array.from({ length: 0x10000 }, (_, code) => `a${String.fromCharCode(code)}`);
    const otherwise = all.filter((text) => {
      const value = { [text]: text };
      return canonicalJson(text) !== JSON.stringify(text) || canonicalJson(value) !== JSON.stringify(value);
    });
    expect(otherwise).to.deep.equal([]);
  });
});
