import { expect } from 'chai';
import fc from 'fast-check';
import { ModernResults } from '../../src/downstream/answer.js';
import type { JsonObject } from '../../src/upstream/json.js';

const US = { name: 'gateway', version: '1' };
const TELLS_SERVER = 'io.modelcontextprotocol/serverInfo';

describe('the result of a provider', () => {
  it('is passed on with what a modern one has besides, whatever it said of that itself [MCP-42]', () => {
    const results = new ModernResults(US, 1_000);
    const said = fc.record(
      {
        content: fc.array(fc.record({ type: fc.constant('text'), text: fc.string() }), { maxLength: 2 }),
        structuredContent: fc.jsonValue(),
        resultType: fc.constantFrom('complete', 'another', 7),
        ttlMs: fc.integer({ min: -5, max: 2_000 }),
        cacheScope: fc.constantFrom('public', 'private'),
        _meta: fc.constantFrom({}, { a: 1 }, { a: 1, [TELLS_SERVER]: { name: 'another' } }, 'none'),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(said, fc.boolean(), (result, cacheable) => {
        const { ttlMs, resultType, _meta, ...others } = result;
        const rest = { ...others, cacheScope: undefined };
        const meta = typeof _meta === 'object' ? _meta : {};
        expect(JSON.parse(results.passed(result as JsonObject, cacheable))).to.deep.equal({
          ...(JSON.parse(JSON.stringify(rest)) as JsonObject),
          resultType: typeof resultType === 'string' ? resultType : 'complete',
          ...(cacheable && { ttlMs: Math.min(1_000, Math.max(0, ttlMs ?? 0)), cacheScope: 'private' }),
          _meta: { ...meta, [TELLS_SERVER]: US },
        });
      }),
      // The plain ones, which chance seldom makes.
      {
        examples: [
          [{}, false],
          [{ content: [] }, false],
          [{ content: [] }, true],
        ],
      },
    );
  });
});
