import { expect } from 'chai';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { makeCertificate } from '../support/certificate.js';
import { startTestDaemon } from '../support/daemon.js';
import { RawConnection } from '../support/raw-connection.js';

/** The certificate that a new connection is shown, PEM without line ends. */
async function shown(url: string): Promise<string> {
  // Which one it is is the question, so it is not checked.
  const request = get(`${url}/livez`, { rejectUnauthorized: false, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  if (!(response.socket instanceof TLSSocket)) throw new Error('this connection has no certificate');
  return response.socket.getPeerCertificate().raw.toString('base64');
}

const bare = (pem: string): string => pem.replace(/-----[^-]+-----|\s/g, '');

describe('a renewed certificate', () => {
  it('is shown from SIGHUP on, connections live on; a broken one is refused and the earlier one stays [DAEMON-32]', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-tls-'));
    const first = await makeCertificate(folder, '127.0.0.1');
    const tls = { cert: first.certFile, key: `file:${first.keyFile}` };
    const daemon = await startTestDaemon({ config: { http: { tls } } });
    const connection = await RawConnection.open(daemon.url, daemon.adminKey, first.cert);
    const reload = async (message: string) => {
      daemon.child.kill('SIGHUP');
      await daemon.logged((line) => line.message?.includes(message) === true);
    };
    try {
      const before = await shown(daemon.httpUrl);
      const second = await makeCertificate(folder, '127.0.0.1');
      const unread = await shown(daemon.httpUrl);
      await reload('was read again');
      const renewed = await shown(daemon.httpUrl);
      await writeFile(second.certFile, 'no certificate');
      await reload('is refused');
      const kept = await shown(daemon.httpUrl);
      const { pong } = await connection.result('daemon.ping');
      const [one, two] = [bare(first.cert), bare(second.cert)];
      expect({ shown: [before, unread, renewed, kept], pong }).to.deep.equal({
        shown: [one, one, two, two],
        pong: true,
      });
    } finally {
      await connection.close();
      await daemon.stop();
      await rm(folder, { recursive: true });
    }
  });
});
