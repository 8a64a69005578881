import type { ToolInvocation, ToolProviderHandle, Tools } from '@ai-orchestrator/core/plugin';
import { silentLog } from '@ai-orchestrator/core/plugin-testing';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import { AnswerTooLarge, NotUnderstood } from '../../src/upstream/http-refusal.js';
import type { ToolTerms } from '../../src/upstream/tool-definition.js';
import type { Upstream } from '../../src/upstream/upstream.js';
import { UpstreamTools } from '../../src/upstream/upstream-tools.js';

/** What a call comes to at a server that fails with an error. */
async function outcomeOf(error: Error): Promise<unknown> {
  const handle: ToolProviderHandle = {
    set: () => Promise.resolve([]),
    available: () => undefined,
    close: () => Promise.resolve(),
  };
  const tools: Pick<Tools, 'addProvider'> = { addProvider: () => handle };
  const upstream = { id: 'far', tools: [], state: 'ready', request: () => Promise.reject(error) };
  const provider = new UpstreamTools(
    upstream as unknown as Upstream,
    { prefix: '' } as ToolTerms,
    tools as Tools,
    silentLog,
  );
  const invocation = { tool: { name: 'echo' }, arguments: {}, exchange: {} } as unknown as ToolInvocation;
  return provider.invoke(invocation).catch((thrown: unknown) => (thrown === error ? 'thrown' : thrown));
}

describe('the tools of a server over HTTP', () => {
  it('answer what follows from one call as its error, and throw what is about the server [MCP-31]', async () => {
    expect([
      await outcomeOf(new NotUnderstood(413)),
      await outcomeOf(new AnswerTooLarge(100)),
      await outcomeOf(new OrchestratorError('unavailable', 'it is away')),
    ]).to.deep.equal([
      { kind: 'error', code: -32603, message: new NotUnderstood(413).message },
      { kind: 'error', code: -32603, message: new AnswerTooLarge(100).message },
      'thrown',
    ]);
  });
});
