import { expect } from 'chai';
import { noting, PluginsOnDisk } from './support/plugins-on-disk.js';

describe('F61 a plugin whose stop hangs', () => {
  it('is named at its deadline, and the plugins before it still stop in reverse order [F61]', async () => {
    const plugins = await PluginsOnDisk.write({
      'a-store': noting('a-store'),
      'b-hangs': `export default { id: 'b-hangs', contract: '1.0.0', start({ defer }) { defer(() => { diary.push('-earlier'); }); defer(() => new Promise(() => {})); } };`,
      'c-throws': `export default { id: 'c-throws', contract: '1.0.0', start({ defer }) { defer(() => { diary.push('-first'); }); defer(() => { throw new Error('cannot close'); }); } };`,
      'd-last': noting('d-last'),
    });
    const { booted } = await plugins.boot([], { stopMs: 100 });
    const report = await booted.stop();
    await plugins.remove();
    expect({ report, diary: plugins.diary }).to.deep.equal({
      report: {
        problems: [
          { plugin: 'c-throws', reason: 'a deferred close failed: cannot close' },
          { plugin: 'b-hangs', reason: 'did not stop within 100 ms: a function it gave to defer() does not end' },
        ],
      },
      diary: ['+a-store', '+d-last', '-d-last', '-first', '-earlier', '-a-store'],
    });
  });
});
