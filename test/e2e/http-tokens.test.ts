import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { startTestDaemon } from '../support/daemon.js';
import { pluginFolder } from '../support/plugin-folder.js';

/** Two doors, tokens that open one of them each, and the secret that its configuration refers to. */
const DOORS = `
const service = (name) => Symbol.for('ai-orchestrator/' + name);
export default {
  id: 'doors',
  contract: '1.0.0',
  requires: { http: service('http'), authentication: service('authentication'), secrets: service('secrets') },
  async start({ services, defer }) {
    const { http, authentication, secrets } = services;
    const secret = await secrets.read('env:DOORS_SECRET');
    const missing = await secrets.read('env:DOORS_NO_SECRET').catch((error) => error.message);
    const principal = { id: 'ana', kind: 'user', roles: ['observer'], credentialId: 'doors' };
    defer(authentication.addScheme({
      name: 'doors',
      recognises: (token) => token.startsWith('door'),
      authenticate: async (token, resource) => (token === 'door' + resource ? principal : undefined),
    }));
    const handle = (_request, caller) => new Response(caller.id + ' ' + secret + ' ' + missing);
    defer(http.mount({ path: '/first', methods: ['GET'], permission: 'metrics:read', handle }));
    defer(http.mount({ path: '/second', methods: ['GET'], permission: 'metrics:read', handle }));
  },
};
`;

async function startDoors() {
  const plugins = await pluginFolder('doors', DOORS);
  const daemon = await startTestDaemon({
    config: { pluginRoots: [plugins.root], plugins: { doors: {} } },
    env: { DOORS_SECRET: 's3cret' },
  });
  const asked = async (path: string) => {
    const answer = await fetch(daemon.httpUrl + path, { headers: { authorization: 'Bearer door/first' } });
    return `${answer.status} ${answer.ok ? await answer.text() : ''}`.trimEnd();
  };
  const stop = async () => {
    await daemon.kill();
    await plugins.remove();
  };
  return { daemon, asked, stop };
}

describe('an HTTP resource', () => {
  it('does not let a token of one resource open another, or a session [MCP-101]', async () => {
    const { daemon, asked, stop } = await startDoors();
    try {
      const answers = [];
      // Twice, because the right answer of the first time is remembered.
      for (const path of ['/first', '/second', '/first', '/second']) answers.push((await asked(path)).slice(0, 3));
      const session = await connect({ url: daemon.url, token: 'door/first' }).then(
        (client) => client.close().then(() => 'open'),
        () => 'refused',
      );
      expect([...answers, session]).to.deep.equal(['200', '401', '200', '401', 'refused']);
    } finally {
      await stop();
    }
  });

  it('can depend on a secret that the configuration refers to [MCP-102]', async () => {
    const { asked, stop } = await startDoors();
    try {
      expect(await asked('/first')).to.equal(
        '200 ana s3cret env:DOORS_NO_SECRET: the environment has no DOORS_NO_SECRET; set it for the daemon',
      );
    } finally {
      await stop();
    }
  });
});
