import { PLUGIN_CONTRACT } from '@ai-orchestrator/core/plugin';
import { expect } from 'chai';
import { noting, PluginsOnDisk } from './support/plugins-on-disk.js';

describe('F63 plugins that cannot fit', () => {
  it('are refused with a readable chain before any of their code runs; the others start [F63]', async () => {
    const plugins = await PluginsOnDisk.write({
      chick: noting('chick', `requires: { egg: token('egg') }, provides: { it: token('chick') },`),
      egg: noting('egg', `requires: { chick: token('chick') }, provides: { it: token('egg') },`),
      'new-minor': noting('new-minor').replace('1.0.0', '1.7.0'),
      'new-major': noting('new-major').replace('1.0.0', '2.0.0'),
      plain: noting('plain'),
    });
    const { booted } = await plugins.boot();
    const report = booted.report().map(({ id, state, reason }) => [id, state, reason]);
    await booted.stop();
    await plugins.remove();
    const circle = 'is part of a circle ("chick" needs "egg" needs "chick"): one of them has to do without the next';
    const older = 'update the daemon, or install an older version of the plugin';
    expect({ report, diary: plugins.diary }).to.deep.equal({
      report: [
        ['chick', 'failed', circle],
        ['egg', 'failed', circle],
        ['new-major', 'failed', `needs plugin contract 2.0.0, this daemon has ${PLUGIN_CONTRACT}: ${older}`],
        ['new-minor', 'failed', `needs plugin contract 1.7.0, this daemon has ${PLUGIN_CONTRACT}: ${older}`],
        ['plain', 'started', undefined],
      ],
      diary: ['+plain', '-plain'],
    });
  });
});
