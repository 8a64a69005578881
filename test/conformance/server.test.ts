import { expect } from 'chai';
import { withFixture } from './support/fixture-process.js';
import { againstServer } from './support/suite.js';

/** The Tasks extension, which the SDK has no server of, and headers of arguments, which only its high-level server checks: never scored. */
const NOT_OF_THE_FIXTURE = [
  'http-custom-header-server-validation',
  'tasks-capability-negotiation',
  'tasks-dispatch-and-envelope',
  'tasks-lifecycle',
  'tasks-mrtr-composition',
  'tasks-mrtr-input',
  'tasks-request-headers',
  'tasks-request-state-removal',
  'tasks-required-task-error',
  'tasks-wire-fields',
];

describe('the fixture of the conformance tests', () => {
  it('passes itself all that 2025-11-25 requires of a server [MCP-80]', async () => {
    const { failed, passed } = await withFixture((url) => againstServer(url, '2025-11-25'));
    expect({ failed, passed: passed.length }).to.deep.equal({ failed: [], passed: 33 });
  });

  it('passes itself all that 2026-07-28 requires of a server [MCP-80]', async () => {
    const { failed, passed } = await withFixture((url) => againstServer(url, '2026-07-28'));
    expect({ failed, passed: passed.length }).to.deep.equal({ failed: NOT_OF_THE_FIXTURE, passed: 40 });
  });
});
