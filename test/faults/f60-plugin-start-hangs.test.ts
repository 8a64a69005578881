import { expect } from 'chai';
import { noting, PluginsOnDisk } from './support/plugins-on-disk.js';

const HANGS = `
export default {
  id: 'hangs', contract: '1.0.0',
  async start({ defer }) {
    diary.push('+hangs');
    defer(() => { diary.push('-hangs'); });
    await new Promise((resolve) => setTimeout(resolve, 400).unref());
    diary.push('late');
    defer(() => { diary.push('-late'); });
  },
};`;

describe('F60 a plugin whose start never ends', () => {
  it('is given up at the deadline, and what it registered is undone, also what it opens later [F60]', async () => {
    const plugins = await PluginsOnDisk.write({ hangs: HANGS, other: noting('other') });
    const { booted } = await plugins.boot([], { startMs: 100 });
    const report = booted.report().map(({ id, state, reason }) => ({ id, state, reason }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await booted.stop();
    await plugins.remove();
    const reason = 'did not start within 100 ms: look at what its start() waits for, or raise the start time limit';
    expect({ report, diary: plugins.diary }).to.deep.equal({
      report: [
        { id: 'hangs', state: 'failed', reason },
        { id: 'other', state: 'started', reason: undefined },
      ],
      diary: ['+hangs', '-hangs', '+other', 'late', '-late', '-other'],
    });
  });

  it('ends the start by name when it is required [F60]', async () => {
    const plugins = await PluginsOnDisk.write({ hangs: HANGS.replace('400', '2e9') });
    const refusal: unknown = await plugins.boot(['hangs'], { startMs: 50 }).catch((error: unknown) => error);
    await plugins.remove();
    expect((refusal as Error).message).to.equal(
      'plugin "hangs" did not start within 50 ms: look at what its start() waits for, or raise the start time limit',
    );
  });
});
