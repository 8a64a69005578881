import { expect } from 'chai';
import { noting } from './support/plugins-on-disk.js';
import { runPluginHost } from './support/run-plugin-host.js';

function failing(id: string, times: number, how: string): string {
  return `
    globalThis.left ??= {};
    globalThis.left['${id}'] ??= ${times};
    export default {
      id: '${id}', contract: '1.0.0',
      start({ defer }) {
        diary.push('+${id}');
        const timer = setTimeout(() => { if (globalThis.left['${id}']-- > 0) { ${how} } }, 50);
        defer(() => { clearTimeout(timer); diary.push('-${id}'); });
      },
    };`;
}

describe('F20 an error that nobody catches, in a plugin', () => {
  it('is traced to the plugin, which is restarted, and stopped when that happens too often; the daemon lives [F20]', async () => {
    const outcome = await runPluginHost(
      {
        once: failing('once', 1, `throw new Error('in a timer');`),
        always: failing('always', 99, `Promise.resolve().then(() => { throw new Error('in a promise'); });`),
        sound: noting('sound'),
      },
      1_500,
    );
    const per = (id: string) => outcome.diary.filter((note) => String(note).slice(1) === id).join(' ');
    expect({
      report: outcome.report,
      faults: outcome.counted.filter(([name]) => name === 'orchestrator_plugin_faults_total').toSorted(),
      once: per('once'),
      always: per('always'),
      sound: per('sound'),
    }).to.deep.equal({
      report: [
        {
          id: 'always',
          state: 'failed',
          reason:
            'was stopped after 3 errors within 60000 ms; the last one: it threw an error that nobody caught: in a promise. Fix it, then restart the daemon',
        },
        { id: 'once', state: 'started' },
        { id: 'sound', state: 'started' },
      ],
      faults: [
        ['orchestrator_plugin_faults_total', 'always', 3],
        ['orchestrator_plugin_faults_total', 'once', 1],
      ],
      once: '+once -once +once -once',
      always: '+always -always +always -always +always -always',
      sound: '+sound -sound',
    });
  });

  it("leaves an error that is not a plugin's to the daemon [F20]", async () => {
    const stranger = `export default { id: 'stranger', contract: '1.0.0', start() { setTimeout(() => { Promise.reject(Object.assign(new Error('x'), { stack: 'Error: x' })); }, 10); } };`;
    const end: unknown = await runPluginHost({ stranger }, 1_000).catch(
      (error: unknown) => (error as { code: unknown }).code,
    );
    expect(end).to.equal(70);
  });
});
