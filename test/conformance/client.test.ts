import { expect } from 'chai';
import { fileURLToPath } from 'node:url';
import { withGateway } from '../support/mcp/gateway.js';
import { againstClient, type Requirements, type SuiteRun } from './support/suite.js';
import { withTurns } from './support/turns.js';

const CLIENT = fileURLToPath(new URL('./client/main.js', import.meta.url));

/** The suite's servers are on the loopback, and it expects this client id of who has a metadata document. */
const OPTIONS = {
  outbound: { allowedHosts: ['localhost', '127.0.0.1'] },
  oauth: { clientMetadataUrl: 'https://conformance-test.local/client-metadata.json' },
};

const CLIENTS_AT_ONCE = 4;

const asClient = (requirements: Requirements): Promise<SuiteRun> =>
  withGateway(
    {},
    ({ daemon, place }) =>
      withTurns(CLIENTS_AT_ONCE, (turns) =>
        againstClient(`${process.execPath} ${CLIENT}`, requirements, {
          MCP_GATEWAY: JSON.stringify({ url: place.url, rpc: daemon.url, key: daemon.adminKey, turns }),
        }),
      ),
    OPTIONS,
  );

/** Extensions, which no revision scores, that the gateway has not. */
const EXTENSIONS = ['auth/dpop', 'auth/dpop-nonce', 'auth/enterprise-managed-authorization', 'auth/wif-jwt-bearer'];

describe('the gateway as a client of the official conformance suite', () => {
  it('passes all that is required: 2025-11-25 [MCP-88]', async () => {
    const { failed, passed, output } = await asClient('2025-11-25');
    expect({ failed, passed: passed.length }, output).to.deep.equal({ failed: EXTENSIONS, passed: 21 });
  });

  it('passes all that is required: 2026-07-28 [MCP-88]', async () => {
    const { failed, passed, output } = await asClient('2026-07-28');
    expect({ failed, passed: passed.length }, output).to.deep.equal({ failed: EXTENSIONS, passed: 35 });
  });
});
