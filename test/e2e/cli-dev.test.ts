import { expect } from 'chai';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { orchestrator } from '../support/command-line.js';
import { startDev } from '../support/dev-daemon.js';
import { inEmptyHome } from '../support/temp-home.js';

describe('orchestrator dev', () => {
  it('runs a daemon whose agents answer each other, from nothing, until Ctrl-C [CLI-17]', async () => {
    await inEmptyHome(async (env) => {
      const dev = await startDev(env);
      const { url, dataDirectory, agents } = dev.ready;
      expect({ dataDirectory, agents }).to.deep.equal({
        dataDirectory: join(env.XDG_STATE_HOME, 'ai-orchestrator', 'dev'),
        agents: ['echo', 'greeter'],
      });
      expect(url).to.match(/^ws:\/\/127\.0\.0\.1:\d+\/rpc$/);
      expect((await stat(join(dataDirectory, 'admin.key'))).mode & 0o777).to.equal(0o600);

      const answer = await orchestrator(['request', '--skill', 'greet', '{"name": "Ada"}'], { env });
      expect({ ...answer, stderr: '' }).to.deep.equal({
        code: 0,
        stdout: '{"greeting":"Hello, Ada!","from":"greeter","by":"echo"}\n',
        stderr: '',
      });
      expect(answer.stderr).to.match(/^answered by greeter in \d+ ms\n$/);

      const { code } = await dev.stop();
      expect(code).to.equal(0);
    });
  });

  it('lets nobody in without a key [CLI-17]', async () => {
    await inEmptyHome(async (env) => {
      const dev = await startDev(env);
      const { code, stderr } = await orchestrator(['agents', 'list', '--url', dev.ready.url, '--token', 'orc_wrong'], {
        env,
      });
      expect(code).to.equal(5);
      expect(stderr).to.contain('unauthenticated');
      await dev.stop();
    });
  });

  it('prints commands that can be pasted, the first of which asks one agent by way of the other [CLI-17]', async () => {
    await inEmptyHome(async (env) => {
      const dev = await startDev(env);
      const [first] = dev.ready.try;
      expect(first?.line).to.match(/request --skill greet '\{"name": "Ada"\}'$/);
      await dev.stop();
    });
  });

  it('says that one runs already, and how to use it, when it is started twice [CLI-18]', async () => {
    await inEmptyHome(async (env) => {
      const dev = await startDev(env);
      const second = await orchestrator(['dev', '--http-port', '0'], { env });
      expect({ code: second.code, stdout: second.stdout }).to.deep.equal({ code: 11, stdout: '' });
      expect(second.stderr)
        .to.contain(`already (pid ${dev.ready.pid}, ${dev.ready.url})`)
        .and.to.contain('request --skill greet');
      await dev.stop();
    });
  });

  it('starts again on the same data after it was killed [CLI-18]', async () => {
    await inEmptyHome(async (env) => {
      const first = await startDev(env);
      await first.stop('SIGKILL');
      const second = await startDev(env);
      const { code } = await orchestrator(['request', 'echo', '"still there"'], { env });
      expect(code).to.equal(0);
      await second.stop();
    });
  });
});
