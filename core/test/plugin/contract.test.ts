import { expect } from 'chai';
import { contractRefusal } from '../../src/plugin/contract.js';

describe('contractRefusal', () => {
  it('accepts the same major and an earlier minor, and says what to do about others [PLUGIN-03]', () => {
    const verdicts = ['1.2.0', '1.0.9', '1.2.7', '1.3.0', '2.0.0', '0.9.0', 'one'].map((wanted) =>
      contractRefusal(wanted, '1.2.0'),
    );
    expect(verdicts).to.deep.equal([
      undefined,
      undefined,
      undefined,
      'needs plugin contract 1.3.0, this daemon has 1.2.0: update the daemon, or install an older version of the plugin',
      'needs plugin contract 2.0.0, this daemon has 1.2.0: update the daemon, or install an older version of the plugin',
      'was written for plugin contract 0.9.0, this daemon has 1.2.0: install a version of the plugin for contract 1.x',
      'says contract "one", which is not a semantic version: make it with definePlugin of @ai-orchestrator/core/plugin',
    ]);
  });
});
