import { expect } from 'chai';
import { withGateway } from '../support/mcp/gateway.js';
import { withFixture } from './support/fixture-process.js';
import { againstServer, type Requirements, type SuiteRun } from './support/suite.js';
import { withKey } from './support/with-key.js';

/** Headers of arguments, which only the SDK's high-level server checks, and the gateway itself. */
const HEADERS_OF_ARGUMENTS = 'http-custom-header-server-validation';

const direct = (requirements: Requirements): Promise<SuiteRun> =>
  withFixture((url) => againstServer(url, requirements));

/** A gateway speaks one era with a server; the fixture's tools that ask by requests of their own do so in the legacy one only. */
const ERA = { '2025-11-25': { era: 'legacy' }, '2026-07-28': {} } as const;

const through = (requirements: Requirements): Promise<SuiteRun> =>
  withFixture((url) =>
    withGateway({ fixture: { url, prefix: '', ...ERA[requirements] } }, ({ place }) =>
      withKey(place, (gateway) => againstServer(gateway, requirements)),
    ),
  );

const counted = ({ failed, passed }: SuiteRun): unknown => ({ failed, passed: passed.length });

describe('the official conformance suite', () => {
  it('passes against the fixture itself: 2025-11-25 [MCP-80]', async () => {
    expect(counted(await direct('2025-11-25'))).to.deep.equal({ failed: [], passed: 33 });
  });

  it('passes against the fixture itself: 2026-07-28 [MCP-80]', async () => {
    expect(counted(await direct('2026-07-28'))).to.deep.equal({ failed: [HEADERS_OF_ARGUMENTS], passed: 49 });
  });

  it('passes against the gateway in front of it: 2025-11-25 [MCP-81]', async () => {
    const run = await through('2025-11-25');
    expect(counted(run), run.output).to.deep.equal({ failed: [], passed: 33 });
  });

  it('passes against the gateway in front of it: 2026-07-28 [MCP-81]', async () => {
    const run = await through('2026-07-28');
    expect(counted(run), run.output).to.deep.equal({ failed: [], passed: 50 });
  });
});
