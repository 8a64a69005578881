import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { startTestDaemon } from '../support/daemon.js';
import { pluginFolder } from '../support/plugin-folder.js';

const PICKY = `
const Http = Symbol.for('ai-orchestrator/http');
export default {
  id: 'picky',
  contract: '1.0.0',
  config: { type: 'object', properties: { mode: { type: 'string' } } },
  requires: { http: Http },
  start({ config, services, defer }) {
    if (config.mode === 'bad') throw new Error('mode bad is not supported here');
    defer(services.http.mount({
      path: '/picky', methods: ['GET'], permission: 'public', handle: () => new Response(config.mode),
    }));
  },
};
`;

describe('F15: a configuration that a plugin rejects at reload', () => {
  it('is refused as a whole, and the earlier generation serves [F15]', async () => {
    const plugins = await pluginFolder('picky', PICKY);
    const config = (mode: string, level: string) => ({
      http: { port: 0 },
      log: { level },
      pluginRoots: [plugins.root],
      plugins: { picky: { config: { mode } } },
    });
    const daemon = await startTestDaemon({ config: config('good', 'info') });
    const mode = async () => (await fetch(`${daemon.httpUrl}/picky`)).text();
    const reload = async (mode: string, level: string, message: string) => {
      await writeFile(daemon.configFile, JSON.stringify(config(mode, level)));
      daemon.child.kill('SIGHUP');
      return daemon.logged((line) => line.message?.includes(message) === true);
    };
    try {
      const before = await mode();
      const refused = await reload('bad', 'error', 'refused');
      const afterRefusal = await mode();
      // The level of the refused file would have silenced this line.
      const applied = await reload('better', 'info', 'read again');
      expect({
        before,
        reason: JSON.stringify(refused.issues).includes('mode bad is not supported here'),
        afterRefusal,
        applied: [applied.applied, applied.plugins, applied.needRestart],
        after: await mode(),
      }).to.deep.equal({
        before: 'good',
        reason: true,
        afterRefusal: 'good',
        applied: [['plugins.picky.config'], ['picky'], []],
        after: 'better',
      });
    } finally {
      await daemon.stop();
      await plugins.remove();
    }
  });

  it('names the keys that hold only after a restart', async () => {
    const daemon = await startTestDaemon();
    try {
      await writeFile(daemon.configFile, JSON.stringify({ http: { port: 0, bodyBytes: 2048 } }));
      daemon.child.kill('SIGHUP');
      const line = await daemon.logged(({ message }) => message?.includes('only after a restart') === true);
      expect(line.needRestart).to.deep.equal(['http.bodyBytes']);
    } finally {
      await daemon.stop();
    }
  });
});
