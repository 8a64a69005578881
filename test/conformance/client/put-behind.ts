import { setTimeout as delay } from 'node:timers/promises';
import { RawConnection } from '../../support/raw-connection.js';

/** How a running gateway is reached. */
export interface RunningGateway {
  readonly url: string;
  readonly rpc: string;
  readonly key: string;
}

/** What is looked at of a server's status. */
interface Status {
  readonly state: string;
  readonly reason?: string;
  readonly authorization?: { readonly state: string };
}

/** A server behind the gateway. */
export interface PutBehind {
  /** Waits until it is ready, and authorizes at it where that is asked for. */
  ready(): Promise<void>;
  remove(): Promise<void>;
}

const READY_MS = 30_000;
/** How often a person says yes; no scenario wants it oftener of a client that it lets in. */
const MOST_YES = 3;

/** Puts a server behind a running gateway and waits until it is ready; answers what takes it away again. */
export async function putBehind(
  gateway: RunningGateway,
  name: string,
  url: string,
  authorization: object | undefined,
): Promise<PutBehind> {
  const connection = await RawConnection.open(gateway.rpc, gateway.key);
  const status = async (): Promise<Status | undefined> =>
    ((await connection.result('mcp.status', { name })) as { servers: readonly Status[] }).servers[0];
  let yes = 0;
  const behind: PutBehind = {
    async ready() {
      let last: Status | undefined;
      for (const until = Date.now() + READY_MS; Date.now() < until;) {
        last = await status();
        const asked = last?.authorization?.state;
        if (asked === 'refused' || (asked === 'needs-authorization' && yes === MOST_YES)) break;
        if (asked === 'needs-authorization') {
          yes += 1;
          await sayYes(connection, name);
        } else if (last?.state === 'ready') return;
        await delay(100);
      }
      throw new Error(`it did not get ready: ${JSON.stringify(last)}`);
    },
    async remove() {
      await connection.result('mcp.remove', { name });
      await connection.close();
    },
  };
  await connection.result('mcp.add', { name, server: { url, ...(authorization && { authorization }) } });
  try {
    await behind.ready();
  } catch (error) {
    await behind.remove();
    throw error;
  }
  return behind;
}

/** Does what a person does who is sent to the authorization server: opens the URL, where all is agreed to, and is sent back. */
async function sayYes(connection: RawConnection, name: string): Promise<void> {
  const { url } = (await connection.result('mcp.authorize', { name })) as { url: string };
  const agreed = await fetch(url, { redirect: 'manual' });
  const back = agreed.headers.get('location');
  if (back === null) throw new Error(`${url} sends nobody back: HTTP ${agreed.status}`);
  const answer = await fetch(back);
  if (!answer.ok) throw new Error(`not authorized: ${await answer.text()}`);
}
