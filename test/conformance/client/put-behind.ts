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
}

const READY_MS = 20_000;

/** Puts a server behind a running gateway and waits until it is ready; answers what takes it away again. */
export async function putBehind(gateway: RunningGateway, name: string, url: string): Promise<() => Promise<void>> {
  const connection = await RawConnection.open(gateway.rpc, gateway.key);
  const removed = async (): Promise<void> => {
    await connection.result('mcp.remove', { name });
    await connection.close();
  };
  await connection.result('mcp.add', { name, server: { url } });
  for (const until = Date.now() + READY_MS; Date.now() < until;) {
    const [status] = ((await connection.result('mcp.status', { name })) as { servers: readonly Status[] }).servers;
    if (status?.state === 'ready') return removed;
    // It has to be authorized at by a person, whom nobody stands for here.
    if (status?.reason?.includes('401') === true) break;
    await delay(50);
  }
  const status = await connection.result('mcp.status', { name });
  await removed();
  throw new Error(`it did not get ready: ${JSON.stringify(status)}`);
}
