import { expect } from 'chai';
import { fileURLToPath } from 'node:url';
import { withGateway } from '../support/mcp/gateway.js';
import { againstClient, type Requirements, type SuiteRun } from './support/suite.js';

const CLIENT = fileURLToPath(new URL('./client/main.js', import.meta.url));

const asClient = (requirements: Requirements): Promise<SuiteRun> =>
  withGateway({}, ({ daemon, place }) =>
    againstClient(`${process.execPath} ${CLIENT}`, requirements, {
      MCP_GATEWAY: JSON.stringify({ url: place.url, rpc: daemon.url, key: daemon.adminKey }),
    }),
  );

/** Scenarios of OAuth need a person in a browser; what they ask for is tested with servers of our own in plugins/mcp/test/oauth. */
const besidesOAuth = (scenarios: readonly string[]): readonly string[] =>
  scenarios.filter((scenario) => !scenario.startsWith('auth/'));

describe('the gateway as a client of the official conformance suite', () => {
  it('passes all but OAuth: 2025-11-25 [MCP-88]', async () => {
    const { failed, passed, output } = await asClient('2025-11-25');
    expect({ failed: besidesOAuth(failed), passed: besidesOAuth(passed) }, output).to.deep.equal({
      failed: [],
      passed: [
        'elicitation-sep1034-client-defaults',
        'initialize',
        'json-schema-2020-12-preservation',
        'sse-retry',
        'tools_call',
      ],
    });
  });

  it('passes all but OAuth: 2026-07-28 [MCP-88]', async () => {
    const { failed, passed, output } = await asClient('2026-07-28');
    expect({ failed: besidesOAuth(failed), passed: besidesOAuth(passed) }, output).to.deep.equal({
      failed: [],
      passed: [
        'http-custom-headers',
        'http-invalid-tool-headers',
        'http-standard-headers',
        'json-schema-2020-12-preservation',
        'json-schema-ref-no-deref',
        'request-metadata',
        'sep-2322-client-request-state',
        'tools_call',
      ],
    });
  });
});
