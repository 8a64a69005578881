import { expect } from 'chai';
import type { ToolDefinition, ToolInvocation, ToolReply } from '../../src/plugin/index.js';
import type { CoreLimits } from '../../src/index.js';
import { DEFAULT_TOOL_RULES } from '../../src/tools/tool-rules.js';
import type { ToolApproval, ToolRules } from '../../src/tools/tool-rules.js';
import { callBy, card, failure, principal, startCore } from '../support/core.js';
import { settled } from '../support/manual-time.js';

const TRACE = 'a'.repeat(32);
const TRACEPARENT = `00-${TRACE}-${'b'.repeat(16)}-01`;

async function coreWith(
  tools: readonly Partial<ToolDefinition>[],
  invoke: (invocation: ToolInvocation) => Promise<ToolReply>,
  limits: CoreLimits = {},
  approval: Partial<ToolApproval> = {},
  rules: Partial<ToolRules> = {},
) {
  const core = await startCore({
    limits,
    tools: { ...rules, approval: { ...DEFAULT_TOOL_RULES.approval, ...approval } },
  });
  const handle = core.services.tools.addProvider({ id: 'plugin/test', invoke });
  await handle.set(tools.map((said) => ({ name: 'tool', version: '1.0.0', inputSchema: { type: 'object' }, ...said })));
  return { core, handle, ada: core.connect('ada', 'operator'), bob: core.connect('bob', 'operator') };
}

const done = (): Promise<ToolReply> => Promise.resolve({ kind: 'result', result: { content: [] } });

describe('tool.call', () => {
  it('answers what the tool answers, or what it asks for and how to go on [TOOL-59]', async () => {
    const { core, ada } = await coreWith([{ name: 'book' }], ({ exchange: { continuation } }) =>
      continuation === undefined
        ? Promise.resolve({
            kind: 'input_required',
            inputRequests: { seat: { method: 'elicitation/create' } },
            requestState: 's',
          })
        : Promise.resolve({ kind: 'result', result: { content: [], structuredContent: continuation } }),
    );
    const asks = await core.handlers.toolCall({ name: 'book' }, callBy(ada));
    const inputResponses = { seat: { action: 'accept' } };
    const reply = await core.handlers.toolCall({ name: 'book', inputResponses, requestState: 's' }, callBy(ada));
    await core.stop();

    expect([
      { ...asks, callId: '' },
      { ...reply, callId: '' },
    ]).to.deep.equal([
      {
        callId: '',
        kind: 'input_required',
        inputRequests: { seat: { method: 'elicitation/create' } },
        requestState: 's',
      },
      { callId: '', kind: 'result', result: { content: [], structuredContent: { inputResponses, requestState: 's' } } },
    ]);
  });

  it('says whose a task is that a call became, to plugins alone [MCP-181]', async () => {
    const task = { taskId: 'job-1', status: 'working' };
    const { core, ada } = await coreWith([{}], () => Promise.resolve({ kind: 'task', task, provider: 'plugin/other' }));
    const inside = await core.services.tools.call(principal('ada', 'operator'), { name: 'tool', arguments: {} });
    const outside = await core.handlers.toolCall({ name: 'tool' }, callBy(ada));
    await core.stop();
    expect([inside, { ...outside, callId: '' }]).to.deep.equal([
      { kind: 'task', task, provider: 'plugin/test' },
      { callId: '', kind: 'task', task },
    ]);
  });

  it('fails with what the provider said when that answers an error [TOOL-59]', async () => {
    const { core, ada } = await coreWith([{ name: 'odd' }], () =>
      Promise.resolve({ kind: 'error', code: -32042, message: 'no', data: { why: 1 } }),
    );
    const { callId, ...failed } = await failure(() => core.handlers.toolCall({ name: 'odd' }, callBy(ada)));
    await core.stop();

    expect(callId).to.be.a('string');
    expect(failed).to.deep.equal({
      name: 'tool_failed',
      providerError: { code: -32042, message: 'no', data: { why: 1 } },
    });
  });

  it('tells a caller that wants to know how far it is, as long as that rises [TOOL-60]', async () => {
    const { core, ada } = await coreWith([{ name: 'slow' }], ({ exchange: { progress } }) => {
      progress?.({ progress: 1, total: 2 });
      progress?.({ progress: 1 });
      progress?.({ progress: 2, message: 'done' });
      return done();
    });
    const { callId } = await core.handlers.toolCall({ name: 'slow', progress: true }, callBy(ada));
    await core.handlers.toolCall({ name: 'slow' }, callBy(ada));
    await core.stop();

    const of = { requestId: 'test-1', callId };
    expect(ada.notifications).to.deep.equal([
      { method: 'tool.progressed', params: { ...of, progress: 1, total: 2 } },
      { method: 'tool.progressed', params: { ...of, progress: 2, message: 'done' } },
    ]);
  });

  it('is listed while it is under way and ended by tool.cancel or request.cancel, for its caller and for who may [TOOL-61]', async () => {
    const signals: AbortSignal[] = [];
    const { core, ada, bob } = await coreWith([{ name: 'slow' }], ({ signal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    });
    const eve = core.connect('eve', 'agent');
    const first = callBy(ada);
    const waiting = [first, callBy(ada)].map((call) => failure(() => core.handlers.toolCall({ name: 'slow' }, call)));
    await settled();
    const mine = await core.handlers.toolCalls({}, callBy(ada));
    const hers = await core.handlers.toolCalls({}, callBy(eve));
    const callId = mine.entries[1]?.callId ?? '';
    const refused = await failure(() => core.handlers.toolCancel({ callId }, callBy(eve)));
    await core.handlers.toolCancel({ callId, reason: 'by the operator' }, callBy(bob));
    first.cancel('by its caller');
    const ended = await Promise.all(waiting);
    const left = await core.handlers.toolCalls({}, callBy(ada));
    await core.stop();

    expect(mine.entries.map(({ tool, caller, state }) => ({ tool, caller, state }))).to.deep.equal(
      Array(2).fill({ tool: 'slow', caller: 'ada', state: 'running' }),
    );
    expect([hers.total, refused.name, left.total]).to.deep.equal([0, 'not_found', 0]);
    expect(ended).to.deep.equal([{ name: 'canceled' }, { name: 'canceled' }]);
    expect(signals.map(({ reason }) => String(reason))).to.deep.equal([
      'Canceled: by its caller',
      'Canceled: by the operator',
    ]);
  });
});

describe('tool.approvals', () => {
  it('shows who may approve what waits, and lets nobody approve a call of their own [TOOL-62]', async () => {
    const { core, ada, bob } = await coreWith([{ name: 'wipe', annotations: { destructiveHint: true } }], done);
    const waiting = core.handlers.toolCall({ name: 'wipe', arguments: { disk: 'a' } }, callBy(ada));
    await settled();
    const { entries } = await core.handlers.toolApprovals({}, callBy(bob));
    const approvalId = entries[0]?.approvalId ?? '';
    const own = await failure(() => core.handlers.toolDecide({ approvalId, decision: 'approve' }, callBy(ada)));
    const decided = await core.handlers.toolDecide({ approvalId, decision: 'approve' }, callBy(bob));
    const { kind } = await waiting;
    const again = await failure(() => core.handlers.toolDecide({ approvalId, decision: 'approve' }, callBy(bob)));
    const { entries: records } = await core.services.journal.read({ afterSequence: 0, limit: 100 });
    await core.stop();

    const [{ approvalId: id, digest, requestedAt, expiresAt, ...shown } = {}] = entries as unknown as {
      [member: string]: unknown;
    }[];
    expect([id, digest, requestedAt, expiresAt].map((said) => typeof said)).to.deep.equal(Array(4).fill('string'));
    expect(shown).to.deep.equal({
      tool: 'wipe',
      version: '1.0.0',
      provider: 'plugin/test',
      caller: 'ada',
      arguments: { disk: 'a' },
      waiting: true,
    });
    expect(own).to.deep.equal({ name: 'permission_denied', permission: 'tool:approve', resource: 'tool/wipe' });
    expect(decided).to.deep.equal({ approvalId, decision: 'approve' });
    expect([kind, again.name]).to.deep.equal(['result', 'not_found']);
    const actions = records
      .map(({ action }) => action)
      .filter((action) => /^tool\.(approval|called|denied)/.test(action));
    expect(actions).to.deep.equal(['tool.approvalRequested', 'tool.denied', 'tool.approvalDecided', 'tool.called']);
  });
});

describe('tool.decide', () => {
  it('is for nobody who is forbidden to approve the tool, and shows them nothing that waits [TOOL-62]', async () => {
    const { core, ada, bob } = await coreWith([{ name: 'wipe', annotations: { destructiveHint: true } }], done);
    core.authorizer.replace({
      grants: { admin: ['*:*'], operator: ['tool:*'], agent: [], observer: [] },
      forbids: [{ permission: 'tool:approve', resource: 'tool/wipe' }],
    });
    const waiting = failure(() => core.handlers.toolCall({ name: 'wipe' }, callBy(ada)));
    await settled();
    const { entries } = await core.handlers.toolApprovals({}, callBy(bob));
    const { entries: records } = await core.services.journal.read({ afterSequence: 0, limit: 100 });
    const asked = records.find(({ action }) => action === 'tool.approvalRequested');
    const approvalId = String((asked?.details as { approvalId?: string } | undefined)?.approvalId);
    const decided = await failure(() => core.handlers.toolDecide({ approvalId, decision: 'approve' }, callBy(bob)));
    await core.stop();
    await waiting;

    expect(entries).to.deep.equal([]);
    expect(decided).to.deep.equal({ name: 'not_found', resource: `approval/${approvalId}` });
  });
});

describe('approval by rules', () => {
  it('is asked for tools that are named, not for providers that are trusted, and given by the caller where that is said [TOOL-70]', async () => {
    const { core, ada } = await coreWith(
      [{ name: 'pay.invoice' }, { name: 'wipe', annotations: { destructiveHint: true } }, { name: 'look' }],
      done,
      {},
      { tools: ['pay.*'], ownCalls: true, providers: [{ provider: 'plugin/*', destructive: 'allow' }] },
    );
    for (const name of ['wipe', 'look']) await core.handlers.toolCall({ name }, callBy(ada));
    const waiting = core.handlers.toolCall({ name: 'pay.invoice' }, callBy(ada));
    await settled();
    const { entries } = await core.handlers.toolApprovals({}, callBy(ada));
    const approvalId = entries[0]?.approvalId ?? '';
    await core.handlers.toolDecide({ approvalId, decision: 'approve' }, callBy(ada));
    const { kind } = await waiting;
    await core.stop();

    expect(entries.map(({ tool }) => tool)).to.deep.equal(['pay.invoice']);
    expect(kind).to.equal('result');
  });
});

describe('tool.providers', () => {
  it('shows whether calls go through to whom one sees tools of [TOOL-63]', async () => {
    const { core, handle, ada } = await coreWith([{ name: 'a' }, { name: 'b' }], done, {
      toolCalls: { breakerFailures: 1 },
    });
    const failing = core.services.tools.addProvider({
      id: 'plugin/down',
      invoke: () => Promise.reject(new Error('a fault')),
    });
    await failing.set([{ name: 'down', version: '1.0.0', inputSchema: { type: 'object' } }]);
    await core.handlers.toolCall({ name: 'down' }, callBy(ada)).catch(() => undefined);
    handle.available(false, 'crashed');
    const seen = await core.handlers.toolProviders({}, callBy(ada));
    const hidden = await core.handlers.toolProviders({}, callBy(core.connect('eve', 'agent')));
    await core.stop();

    const closed = { state: 'closed', failures: 0, retryAfterMs: 0 };
    expect(seen.entries).to.deep.equal([
      { provider: 'plugin/test', available: false, tools: 2, inFlight: 0, breaker: closed },
      {
        provider: 'plugin/down',
        available: true,
        tools: 1,
        inFlight: 0,
        breaker: { state: 'open', failures: 1, retryAfterMs: 2000 },
      },
    ]);
    expect(hidden.entries).to.deep.equal([]);
  });
});

describe('a timeline', () => {
  it('has the tool calls of a context or trace, for as long as these are kept [TOOL-64]', async () => {
    const { core, ada } = await coreWith(
      [{ name: 'look' }],
      ({ contextId, traceparent }) =>
        Promise.resolve({ kind: 'result', result: { content: [{ contextId, traceparent } as never] } }),
      { toolCalls: { keepMs: 60_000, sweepMs: 10_000 } },
    );
    const { contextId } = await core.handlers.contextCreate({}, callBy(ada));
    const called = await core.handlers.toolCall({ name: 'look', contextId, traceparent: TRACEPARENT }, callBy(ada));
    const ofContext = await core.handlers.timelineGet({ id: contextId }, callBy(ada));
    const ofTrace = await core.handlers.timelineGet({ id: TRACE }, callBy(ada));
    const stranger = await failure(() =>
      core.handlers.toolCall({ name: 'look', contextId }, callBy(core.connect('bob', 'operator'))),
    );
    await core.time.advance(70_000);
    const later = await core.handlers.timelineGet({ id: contextId }, callBy(ada));
    await core.stop();

    const entry = {
      id: `tool/${called.callId}`,
      kind: 'tool',
      at: '2026-01-01T00:00:00.000Z',
      durationMs: 0,
      outcome: 'ok',
      principal: 'ada',
      details: { tool: 'look', version: '1.0.0', provider: 'plugin/test' },
    };
    expect(called).to.deep.include({ result: { content: [{ contextId, traceparent: TRACEPARENT }] } });
    expect(ofContext.entries[1]).to.deep.equal({ ...entry, cause: `context/${contextId}` });
    expect(ofTrace.entries).to.deep.equal([entry]);
    expect(stranger.name).to.equal('permission_denied');
    expect(later.entries.map(({ kind }) => kind)).to.deep.equal(['context']);
  });
});

describe('calls of a tool that somebody may not see', () => {
  it('are in no listing and no timeline of theirs, though they may read the context [TOOL-72]', async () => {
    let end: (reply: ToolReply) => void = () => undefined;
    const { core, ada, bob } = await coreWith(
      [{ name: 'secret' }],
      () => new Promise((resolve) => (end = resolve)),
      {},
      {},
      { forbids: [{ principals: ['bob'], tools: ['secret'] }] },
    );
    const { contextId } = await core.handlers.contextCreate({ participants: [{ principal: 'eve' }] }, callBy(ada));
    const eve = core.connect('eve', 'agent');
    const waiting = core.handlers.toolCall({ name: 'secret', contextId }, callBy(ada));
    await settled();
    const listed = [await core.handlers.toolCalls({}, callBy(ada)), await core.handlers.toolCalls({}, callBy(bob))];
    end(await done());
    await waiting;
    const kinds = async (session: typeof ada): Promise<string[]> =>
      (await core.handlers.timelineGet({ id: contextId }, callBy(session))).entries.map(({ kind }) => kind);
    const seen = [(await kinds(ada)).includes('tool'), (await kinds(eve)).includes('tool')];
    await core.stop();

    expect(listed.map(({ total }) => total)).to.deep.equal([1, 0]);
    expect(seen).to.deep.equal([true, false]);
  });
});

describe('a call that an agent answers', () => {
  async function worker(invoke: (invocation: ToolInvocation) => Promise<ToolReply>) {
    const core = await startCore({ limits: { messages: { hops: 4 } } });
    const session = core.connect('worker', 'operator');
    await core.handlers.agentRegister({ agentId: 'worker', card: card('work') }, callBy(session));
    const handle = core.services.tools.addProvider({ id: 'agent/worker', invoke });
    await handle.set([{ name: 'work', version: '1.0.0', inputSchema: { type: 'object' } }]);
    return { core, session, ada: core.connect('ada', 'operator') };
  }

  it('is told to its caller how far it is, by the connection that answers it and no other [TOOL-60]', async () => {
    let end: (reply: ToolReply) => void = () => undefined;
    const { core, session, ada } = await worker(() => new Promise((resolve) => (end = resolve)));
    const waiting = core.handlers.toolCall({ name: 'work', progress: true }, callBy(ada));
    await settled();
    const [{ callId } = { callId: '' }] = (await core.handlers.toolCalls({}, callBy(ada))).entries;
    await core.handlers.toolProgress({ callId, progress: 1, message: 'begun' }, callBy(session));
    const other = await failure(() => core.handlers.toolProgress({ callId, progress: 2 }, callBy(ada)));
    end(await done());
    await waiting;
    const late = await failure(() => core.handlers.toolProgress({ callId, progress: 2 }, callBy(session)));
    await core.stop();

    expect(ada.notifications).to.deep.equal([
      { method: 'tool.progressed', params: { requestId: 'test-1', callId, progress: 1, message: 'begun' } },
    ]);
    expect([other.name, late.name]).to.deep.equal(['not_found', 'not_found']);
  });

  it('gives what comes of it its context and trace, and is below what it was made for in the timeline [TOOL-65]', async () => {
    const { core, session, ada } = await worker(async ({ callId }) => {
      await core.handlers.messageSend(
        { to: { agent: 'worker' }, parentId: callId },
        callBy(session, 'message.send', 1),
      );
      return done();
    });
    const { contextId } = await core.handlers.contextCreate({}, callBy(ada));
    const { callId } = await core.handlers.toolCall({ name: 'work', contextId, traceparent: TRACEPARENT }, callBy(ada));
    const { entries } = await core.handlers.timelineGet({ id: TRACE }, callBy(ada));
    await core.stop();

    expect(entries.map(({ kind, cause }) => ({ kind, cause }))).to.deep.equal([
      { kind: 'tool', cause: undefined },
      { kind: 'message', cause: `tool/${callId}` },
    ]);
  });

  it('ends where tools call each other without end [TOOL-66]', async () => {
    let depth = 0;
    const { core, session, ada } = await worker(async ({ callId }) => {
      depth++;
      await core.handlers.toolCall({ name: 'work', parentId: callId }, callBy(session));
      return done();
    });
    const ended = await failure(() => core.handlers.toolCall({ name: 'work' }, callBy(ada)));
    await core.stop();

    expect(ended).to.deep.equal({ name: 'hop_limit', chain: Array(4).fill('worker') });
    expect(depth).to.equal(4);
  });
});
