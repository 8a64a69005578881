import { expect } from 'chai';
import { bearerChallenge } from '../../src/oauth/challenge.js';

describe('a challenge', () => {
  it('is the first Bearer one of the header, whatever stands around it [MCP-107]', () => {
    const url = 'https://server.example/metadata?a=1,2';
    const found = { error: 'insufficient_scope', scopes: ['a:b', 'c'], resourceMetadata: url };
    const parameters = `error="insufficient_scope", scope="a:b c a:b", resource_metadata="${url}"`;
    expect(
      [
        `Bearer ${parameters}`,
        `bearer realm = "say \\"Bearer scope=\\" x",${parameters}`,
        `Basic realm="x, y", Negotiate abc==, Bearer ${parameters}, Bearer scope="other"`,
        `Basic scope="other", BEARER error=insufficient_scope , scope="a:b c",, resource_metadata="${url}", Digest error="other"`,
      ].map(bearerChallenge),
    ).to.deep.equal(Array.from({ length: 4 }, () => found));
    expect(
      ['', undefined, 'Basic realm="x"', 'Bearer', '"', ',,=', `Bearer scope="${'x'.repeat(9_000)}"`].map(
        bearerChallenge,
      ),
    ).to.deep.equal(Array.from({ length: 7 }, () => ({})));
  });
});
