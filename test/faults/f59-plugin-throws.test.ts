import { BootError } from '@ai-orchestrator/core';
import { expect } from 'chai';
import { noting, PluginsOnDisk } from './support/plugins-on-disk.js';

const FILES = {
  good: noting('good'),
  'module-throws': `throw new Error('no licence');`,
  'no-default': `export const plugin = 1;`,
  'start-throws': `export default { id: 'start-throws', contract: '1.0.0', provides: { it: token('it') }, start({ defer }) { diary.push('+half'); defer(() => { diary.push('-half'); }); throw new Error('port 1 is taken'); } };`,
  wants: noting('wants', `requires: { it: token('it') },`),
};

describe('F59 a plugin throws while it starts', () => {
  it('starts the others, shows the reason, and skips those that need it [F59]', async () => {
    const plugins = await PluginsOnDisk.write(FILES);
    const { booted } = await plugins.boot();
    const report = booted
      .report()
      .map(({ id, state, reason }) => [id.replace(plugins.root, ''), state, reason?.replaceAll(plugins.root, '')]);
    const stopped = await booted.stop();
    await plugins.remove();
    expect({ report, stopped, diary: plugins.diary }).to.deep.equal({
      report: [
        ['good', 'started', undefined],
        ['/module-throws', 'failed', 'cannot be loaded: no licence'],
        ['/no-default', 'failed', 'cannot be loaded: /no-default/index.js is not a plugin: it has no default export'],
        ['start-throws', 'failed', 'failed to start: port 1 is taken'],
        ['wants', 'skipped', 'needs "it" of plugin "start-throws", which failed to start: port 1 is taken'],
      ],
      stopped: { problems: [] },
      diary: ['+good', '+half', '-half', '-good'],
    });
  });

  it('ends the start with the reason when the plugin is required, and undoes what had started [F59]', async () => {
    const plugins = await PluginsOnDisk.write(FILES);
    const refusal = await plugins.boot(['good', 'wants']).catch((error: unknown) => error);
    await plugins.remove();
    expect(refusal).to.be.instanceOf(BootError);
    expect({ problems: (refusal as BootError).problems, diary: plugins.diary }).to.deep.equal({
      problems: [
        { plugin: 'wants', reason: 'needs "it" of plugin "start-throws", which failed to start: port 1 is taken' },
      ],
      diary: ['+good', '+half', '-half', '-good'],
    });
  });
});
