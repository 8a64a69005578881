import { expect } from 'chai';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';
import { pluginFolder } from '../support/plugin-folder.js';
import { RawConnection } from '../support/raw-connection.js';

const CARD = { name: 'Silent', version: '1.0.0', skills: [] };

/** Leaves a request in flight that is never answered. */
async function silentRequest(daemon: TestDaemon): Promise<readonly RawConnection[]> {
  const agent = await RawConnection.open(daemon.url, daemon.adminKey);
  await agent.result('agent.register', { agentId: 'silent', card: CARD });
  const client = await RawConnection.open(daemon.url, daemon.adminKey);
  void client.call('message.request', { to: { agent: 'silent' }, payload: '' });
  await client.result('daemon.ping');
  return [agent, client];
}

describe('SIGTERM', () => {
  it('a second time ends the drain at once, with code 15, and a next start finds all in order [DAEMON-31]', async () => {
    const daemon = await startTestDaemon({ config: { drain: { deadlineMs: 60_000 } } });
    const connections = await silentRequest(daemon);
    daemon.child.kill('SIGTERM');
    await daemon.logged(({ message }) => message === 'stopping');
    daemon.child.kill('SIGTERM');
    const { code } = await daemon.ended;
    for (const connection of connections) await connection.close();
    const next = await startTestDaemon({ dataDir: daemon.dataDir });
    const checked = await (await fetch(`${next.httpUrl}/readyz`)).json();
    const afterwards = await next.stop();
    await rm(join(daemon.dataDir, '..'), { recursive: true });
    expect({ code, checked, afterwards }).to.deep.equal({ code: 15, checked: { status: 'ok' }, afterwards: 0 });
  });

  it('ends with code 15 when a plugin did not stop within its time [DAEMON-31]', async () => {
    const hang = `export default {
      id: 'hang', contract: '1.0.0', start({ defer }) { defer(() => new Promise(() => undefined)); },
    };`;
    const plugins = await pluginFolder('hang', hang);
    const daemon = await startTestDaemon({
      config: { pluginRoots: [plugins.root], limits: { plugins: { stopMs: 200 } } },
    });
    const code = await daemon.stop();
    await plugins.remove();
    expect(code).to.equal(15);
  });
});
