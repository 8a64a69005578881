import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { startTestDaemon } from '../support/daemon.js';

const AGENT = `
console.log('FLAVOUR is ' + process.env.FLAVOUR + ', HOME_OF_DAEMON is ' + process.env.HOME_OF_DAEMON);
console.log(process.env.ORCHESTRATOR_URL.startsWith('ws://127.0.0.1:') && process.env.ORCHESTRATOR_TOKEN.startsWith('orc_'));
setInterval(() => {}, 1000);
`;

describe('programs of the configuration', () => {
  it('run with a key and environment of their own; one that cannot start is a state with its reason, in the metrics too [DAEMON-16]', async () => {
    const daemon = await startTestDaemon({
      config: {
        programs: {
          steady: { command: process.execPath, args: ['-e', AGENT], env: { FLAVOUR: 'env:SECRET_FLAVOUR' } },
          ending: { command: process.execPath, args: ['-e', ''] },
          missing: { command: '/nonexistent/agent' },
        },
      },
      env: { SECRET_FLAVOUR: 'mint', HOME_OF_DAEMON: 'here' },
    });
    const client = await connect({ url: daemon.url, token: daemon.adminKey });
    try {
      const deadline = performance.now() + 60_000;
      let lines: string[] = [];
      while (lines.length < 2 && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        lines = (await client.call('program.logs', { name: 'steady' })).entries.map(({ line }) => line);
      }
      const metrics = async () => {
        const answer = await fetch(`${daemon.httpUrl}/metrics`, {
          headers: { authorization: `Bearer ${daemon.adminKey}` },
        });
        return answer.text();
      };
      let text = await metrics();
      while (
        !/^orchestrator_program_restarts_total\{program="ending"\} [1-9]/m.test(text) &&
        performance.now() < deadline
      ) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        text = await metrics();
      }
      expect(text).to.match(/^orchestrator_program_restarts_total\{program="ending"\} [1-9]/m);
      expect(text).to.match(/^orchestrator_programs\{state="failed"\} 1$/m);
      expect(text).to.match(/^orchestrator_plugins\{state="started"\} [1-9]/m);
      const { entries } = await client.call('program.list', {});
      expect({
        lines,
        states: entries.filter(({ name }) => name !== 'ending').map(({ name, state }) => `${name} ${state}`),
      }).to.deep.equal({
        lines: ['FLAVOUR is mint, HOME_OF_DAEMON is undefined', 'true'],
        states: ['steady running', 'missing failed'],
      });
    } finally {
      await client.close();
      expect(await daemon.stop()).to.equal(0);
    }
  });
});
