import { expect } from 'chai';
import { noting } from './support/plugins-on-disk.js';
import { runPluginHost } from './support/run-plugin-host.js';

function blocking(id: string, how: string): string {
  return `
    import { execFileSync } from 'node:child_process';
    function ${how.split('(')[0]}For(ms) { ${how.includes('spin') ? 'const end = Date.now() + ms; while (Date.now() < end);' : "execFileSync('/bin/sleep', [String(ms / 1000)]);"} }
    export default { id: '${id}', contract: '1.0.0', start() { setTimeout(() => ${how.split('(')[0]}For(2000), 700); } };`;
}

describe('F18 a plugin that blocks the event loop', () => {
  for (const how of ['spin()', 'wait()']) {
    it(`is named in the log, the metric and the status, with what to do, when it ${how === 'spin()' ? 'computes' : 'waits in a native call'} [F18]`, async () => {
      const outcome = await runPluginHost({ busy: blocking('busy', how), calm: noting('calm') }, 4_000);
      const [busy, calm] = outcome.report;
      const name = how.split('(')[0] ?? '';
      const advice = 'yield in long loops (setImmediate), or move the work to a worker thread';
      expect({
        state: busy?.state,
        reason: busy?.reason
          ?.replace(/for \d{4} ms/, 'for N ms')
          .replace(/\(file:.*?\/busy\/index\.js:\d+\)/, '(FILE)'),
        calm: calm?.state,
        counted: outcome.counted.filter(([metric]) => metric === 'orchestrator_event_loop_blocked_total'),
        logged: outcome.logged,
      }).to.deep.equal({
        state: 'degraded',
        reason: `blocked the event loop for N ms in ${name}For (FILE): ${advice}`,
        calm: 'started',
        counted: [['orchestrator_event_loop_blocked_total', 'busy', 1]],
        logged: [{ plugin: 'busy', message: `the event loop was blocked: ${advice}` }],
      });
    });
  }
});
