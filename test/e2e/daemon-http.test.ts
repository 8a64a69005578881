import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '../support/certificate.js';
import { startTestDaemon } from '../support/daemon.js';
import { pluginFolder } from '../support/plugin-folder.js';

/** Answers how many bytes a body has. */
const SCALES = `
const Http = Symbol.for('ai-orchestrator/http');
export default {
  id: 'scales',
  contract: '1.0.0',
  requires: { http: Http },
  start({ services, defer }) {
    defer(services.http.mount({
      path: '/weigh', methods: ['POST'], permission: 'public',
      handle: async (request) => new Response(String((await request.arrayBuffer()).byteLength)),
    }));
  },
};
`;

/** Streams until the daemon goes away, and then says goodbye; says who may come in its own words. */
const RIVER = `
const Http = Symbol.for('ai-orchestrator/http');
export default {
  id: 'river',
  contract: '1.0.0',
  requires: { http: Http },
  start({ services, defer }) {
    const flowing = new Set();
    defer(services.http.onDrain(() => { for (const end of flowing) end(); }));
    defer(services.http.mount({
      path: '/river/', methods: ['POST'], permission: 'daemon:read',
      challenge: (refusal, path) => 'Bearer realm="' + path + ' ' + refusal + '"',
      async answer({ response, caller, body }) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: ' + caller.id + ' ' + (await body()).length + '\\n\\n');
        await new Promise((resolve) => flowing.add(() => response.end('data: goodbye\\n\\n', resolve)));
      },
    }));
  },
};
`;

/** Posts a body and answers status and answer; chunked, unless a length is to be said. */
async function posted(url: string, bytes: number, sayLength: boolean): Promise<readonly [number | undefined, string]> {
  return new Promise((resolve, reject) => {
    const headers = sayLength ? { 'content-length': bytes } : {};
    const asking = request(url, { method: 'POST', headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('end', () => resolve([answer.statusCode, text]));
    });
    // The daemon closes before it has taken all of a body that is too large; its answer is there by then.
    asking.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error);
    });
    const part = Buffer.alloc(1000);
    for (let left = bytes; left > 0; left -= part.length) asking.write(part.subarray(0, left));
    asking.end();
  });
}

/** Answers with the body that it was given. */
const MIRROR = `
const Http = Symbol.for('ai-orchestrator/http');
export default {
  id: 'mirror',
  contract: '1.0.0',
  requires: { http: Http },
  start({ services, defer }) {
    defer(services.http.mount({
      path: '/mirror', methods: ['POST'], permission: 'daemon:read',
      async answer({ request, response, caller, body }) {
        response.end(caller.id + ' ' + request.url + ' ' + await body());
      },
    }));
  },
};
`;

/** Asks over the agent's connection; answers status, body, and the port that it came from. */
async function askedOver(agent: Agent, url: string, headers: OutgoingHttpHeaders, body?: string): Promise<unknown[]> {
  const method = body === undefined ? 'GET' : 'POST';
  const asking = (agent instanceof SecureAgent ? secureRequest : request)(url, { agent, method, headers });
  asking.end(body);
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  const port = answer.socket.localPort;
  return [answer.statusCode, (await answer.toArray()).join(''), port];
}

describe('the HTTP of a daemon', () => {
  for (const secure of [false, true]) {
    it(`answers all kinds of requests over one connection${secure ? ', over TLS' : ''} [DAEMON-46]`, async () => {
      const mirror = await pluginFolder('mirror', MIRROR);
      const folder = await mkdtemp(join(tmpdir(), 'orchestrator-tls-'));
      const { certFile, keyFile, cert } = await makeCertificate(folder, '127.0.0.1');
      const tls = secure ? { http: { tls: { cert: certFile, key: `file:${keyFile}` } } } : {};
      const daemon = await startTestDaemon({ config: { ...tls, pluginRoots: [mirror.root], plugins: { mirror: {} } } });
      const only = { keepAlive: true, maxSockets: 1 };
      const agent = secure ? new SecureAgent({ ...only, ca: cert }) : new Agent(only);
      const authorization = `Bearer ${daemon.adminKey}`;
      const mirrored = `${daemon.httpUrl}/mirror?a=b`;
      try {
        const answers = [
          await askedOver(agent, mirrored, { authorization, 'content-length': 5 }, 'plain'),
          await askedOver(agent, mirrored, { authorization, 'content-length': 5 }, 'again'),
          await askedOver(agent, `${daemon.httpUrl}/livez`, {}),
          await askedOver(agent, mirrored, { authorization, 'transfer-encoding': 'chunked' }, 'chunks'),
        ];
        const [, , port] = answers[0] ?? [];
        expect(answers).to.deep.equal([
          [200, 'admin /mirror?a=b plain', port],
          [200, 'admin /mirror?a=b again', port],
          [200, '{"status":"ok"}', port],
          [200, 'admin /mirror?a=b chunks', port],
        ]);
        const refused = await askedOver(agent, mirrored, { 'content-length': 5 }, 'plain');
        expect(refused[0]).to.equal(401);
      } finally {
        agent.destroy();
        await daemon.stop();
        await mirror.remove();
        await rm(folder, { recursive: true });
      }
    });
  }

  it('counts requests towards the rate of their principal, with its calls [DAEMON-43]', async () => {
    const daemon = await startTestDaemon({ config: { limits: { rate: { perSecond: 1, burst: 30 } } } });
    const headers = { authorization: `Bearer ${daemon.adminKey}` };
    const asked = async () => {
      const answer = await fetch(`${daemon.httpUrl}/metrics`, { headers });
      await answer.text();
      return `${answer.status} ${answer.headers.get('retry-after') ?? ''}`.trimEnd();
    };
    try {
      const client = await connect({ url: daemon.url, token: daemon.adminKey });
      const started = performance.now();
      await Promise.all(Array.from({ length: 20 }, () => client.call('daemon.ping', {})));
      const answers = await Promise.all(Array.from({ length: 100 }, asked));
      const granted = answers.filter((answer) => answer === '200').length;
      await client.close();
      expect({
        answers: [...new Set(answers)].sort(),
        refilled: granted <= 10 + Math.ceil((performance.now() - started) / 1000),
      }).to.deep.equal({ answers: ['200', '429 1'], refilled: true });
    } finally {
      await daemon.kill();
    }
  });

  it('bounds headers and bodies, whether their length was said or not [DAEMON-44]', async () => {
    const plugins = await pluginFolder('scales', SCALES);
    const daemon = await startTestDaemon({
      config: { pluginRoots: [plugins.root], plugins: {}, http: { bodyBytes: 10_000, headerBytes: 2_000 } },
    });
    const weigh = `${daemon.httpUrl}/weigh`;
    try {
      const long = await fetch(`${daemon.httpUrl}/livez`, { headers: { 'x-long': 'x'.repeat(2_000) } });
      const [said, unsaid] = [await posted(weigh, 10_001, true), await posted(weigh, 50_000, false)];
      const error = JSON.parse(said[1]) as { error: { name: string; limit: unknown } };
      expect({
        headers: long.status,
        fits: [await posted(weigh, 10_000, true), await posted(weigh, 10_000, false)],
        tooLarge: [said[0], unsaid[0]],
        error: [error.error.name, error.error.limit],
      }).to.deep.equal({
        headers: 431,
        fits: [
          [200, '10000'],
          [200, '10000'],
        ],
        tooLarge: [413, 413],
        error: ['limit_exceeded', { name: 'http.bodyBytes', value: 10_000 }],
      });
    } finally {
      await daemon.stop();
      await plugins.remove();
    }
  });

  it('lets a resource stream, which is told when the daemon goes away and says its last word [MCP-40]', async () => {
    const plugins = await pluginFolder('river', RIVER);
    const daemon = await startTestDaemon({ config: { pluginRoots: [plugins.root], plugins: { river: {} } } });
    try {
      const headers = { authorization: `Bearer ${daemon.adminKey}` };
      const answer = await fetch(`${daemon.httpUrl}/river/a`, { method: 'POST', body: 'x'.repeat(10), headers });
      const reader = (answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
      const first = (await reader.read()).value;
      const code = daemon.stop();
      let rest = '';
      for (let part = await reader.read(); !part.done; part = await reader.read()) rest += part.value;
      expect([first, rest, await code]).to.deep.equal(['data: admin 10\n\n', 'data: goodbye\n\n', 0]);
    } finally {
      await daemon.kill();
      await plugins.remove();
    }
  });

  it('lets a resource say how to be let in [MCP-41]', async () => {
    const plugins = await pluginFolder('river', RIVER);
    const daemon = await startTestDaemon({ config: { pluginRoots: [plugins.root], plugins: { river: {} } } });
    try {
      const asked = async (path: string, token?: string) => {
        const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
        const answer = await fetch(`${daemon.httpUrl}${path}`, {
          method: path === '/metrics' ? 'GET' : 'POST',
          headers,
        });
        return [answer.status, answer.headers.get('www-authenticate')];
      };
      const client = await connect({ url: daemon.url, token: daemon.adminKey });
      const { secret: key } = await client.call('key.create', { name: 'a', roles: ['agent'] });
      await client.close();
      expect([
        await asked('/river/x'),
        await asked('/river/', 'orc_nobody'),
        await asked('/river/', key),
        await asked('/metrics'),
        await asked('/metrics', 'orc_nobody'),
      ]).to.deep.equal([
        [401, 'Bearer realm="/river/x unauthenticated"'],
        [401, 'Bearer realm="/river/ invalid_token"'],
        [403, 'Bearer realm="/river/ permission_denied"'],
        [401, 'Bearer'],
        [401, 'Bearer error="invalid_token"'],
      ]);
    } finally {
      await daemon.kill();
      await plugins.remove();
    }
  });
});
