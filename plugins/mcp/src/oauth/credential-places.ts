import type { Store } from '@ai-orchestrator/core/plugin';

/** Before the place of each sealed credential, which goes on with the name of its server and `/`. */
export const CREDENTIALS = 'mcp-credential/';

/** Names of servers of which credentials are kept; looks at one entry of each. */
export async function serversWithCredentials(store: Store): Promise<readonly string[]> {
  const found: string[] = [];
  for (let from = CREDENTIALS; ;) {
    const { entries } = await store.range({ from, to: afterAll(CREDENTIALS), limit: 1 });
    const server = entries[0]?.key.slice(CREDENTIALS.length).split('/', 1)[0];
    if (server === undefined) return found;
    found.push(server);
    from = afterAll(`${CREDENTIALS}${server}/`);
  }
}

/** The first key after all that begin with a prefix, which ends with `/`. */
export function afterAll(prefix: string): string {
  return `${prefix.slice(0, -1)}0`;
}
