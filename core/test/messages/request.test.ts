import { expect } from 'chai';
import type { CoreLimits } from '../../src/index.js';
import { callBy, card, failure, startCore } from '../support/core.js';
import type { MemorySession } from '../support/memory-session.js';
import { settled } from '../support/manual-time.js';

async function withAgents(agents: Record<string, object>, limits?: CoreLimits) {
  const core = await startCore(limits === undefined ? {} : { limits });
  const sessions: Record<string, MemorySession> = {};
  for (const [agentId, changes] of Object.entries(agents)) {
    const session = core.connect('owner');
    await core.handlers.agentRegister({ agentId, card: { ...card('echo'), ...changes } }, callBy(session));
    sessions[agentId] = session;
  }
  const asker = core.connect('asker');
  const of = (agentId: string): MemorySession => sessions[agentId] ?? expect.fail(`no agent ${agentId}`);
  const last = (agentId: string) => of(agentId).calls.at(-1) ?? expect.fail(`${agentId} was not asked`);
  const ask = (params: Parameters<typeof core.handlers.messageRequest>[0], payload: unknown = 'hi', by = asker) => {
    const call = callBy(by, 'message.request', payload);
    const answer = core.handlers.messageRequest(params, call);
    const outcome = failure(() => answer).catch((e: unknown) => e);
    return { call, answer, outcome };
  };
  return { ...core, of, last, ask, asker };
}

const toEcho = { to: { agent: 'echo' } };

describe('message.request', () => {
  it('hands the payload to the agent with its envelope, and the answer back; nothing is stored [AGENTS-17]', async () => {
    const { ask, last, store, stop } = await withAgents({ echo: {} });
    const commits = store.commits;
    const { answer } = ask({ ...toEcho, timeoutMs: 5_000 }, { text: 'hi' });
    const { method, params, timeoutMs } = last('echo');
    const message = params.message as { id: string };
    last('echo').answer({ result: ['hi', 2] });
    expect({ method, params, timeoutMs, answer: await answer, commits: store.commits }).to.deep.equal({
      method: 'message.deliver',
      params: {
        message: { id: message.id, from: 'asker', to: 'echo', hops: 0, timeoutMs: 5_000 },
        payload: { text: 'hi' },
      },
      timeoutMs: 5_000,
      answer: { agent: 'echo', payload: ['hi', 2] },
      commits,
    });
    expect(message.id).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    await stop();
  });

  it('by skill takes the least loaded agent, and equals in turn [AGENTS-18]', async () => {
    const { ask, of, last, stop } = await withAgents({ a: {}, b: {}, c: {} });
    const bySkill = { to: { skill: 'echo' } };
    for (let i = 0; i < 6; i++) ask(bySkill);
    last('b').answer({ result: 1 });
    await settled();
    ask(bySkill);
    const counts = ['a', 'b', 'c'].map((id) => of(id).calls.length);
    expect(counts).to.deep.equal([2, 3, 2]);
    await stop();
  });

  it('by skill is narrowed by version and labels, and passes agents by that say they are busy [AGENTS-18]', async () => {
    const { ask, of, handlers, stop } = await withAgents({
      a: { version: '1.0.0', labels: { zone: 'north' } },
      b: { version: '2.0.0', labels: { zone: 'north' } },
      c: { version: '2.0.0', labels: { zone: 'south' } },
    });
    const asked = () => ['a', 'b', 'c'].map((id) => of(id).calls.length).join();
    const seen: string[] = [];
    ask({ to: { skill: 'echo', version: '^2.0.0', labels: { zone: 'south' } } });
    seen.push(asked());
    ask({ to: { skill: 'echo', version: '^2.0.0', labels: { zone: 'north' } } });
    seen.push(asked());
    await handlers.agentSetState({ agentId: 'a', state: 'busy' }, callBy(of('a')));
    ask({ to: { skill: 'echo' } });
    seen.push(asked());
    const none = await ask({ to: { skill: 'echo', version: '^3.0.0' } }).outcome;
    expect({ seen, none }).to.deep.equal({
      seen: ['0,0,1', '0,1,1', '0,1,2'],
      none: { name: 'no_agent_for_skill', skill: 'echo' },
    });
    await stop();
  });

  it('says why an agent cannot be asked [AGENTS-19]', async () => {
    const { ask, of, handlers, connect, stop } = await withAgents({ gone: {}, draining: {}, suspended: {} });
    of('gone').close();
    await handlers.agentSetState({ agentId: 'draining', state: 'draining' }, callBy(of('draining')));
    await handlers.agentSuspend({ agentId: 'suspended' }, callBy(connect('root', 'admin')));
    const outcomes = [];
    for (const agent of ['gone', 'draining', 'suspended', 'nobody'])
      outcomes.push(await ask({ to: { agent } }).outcome);
    expect(outcomes).to.deep.equal([
      { name: 'agent_offline', agent: 'gone' },
      { name: 'agent_unavailable', state: 'draining', agent: 'draining' },
      { name: 'agent_unavailable', state: 'suspended', agent: 'suspended' },
      { name: 'agent_not_found', resource: 'agent/nobody' },
    ]);
    await stop();
  });

  it('ends with the error of the agent cut to a bound, with its absence, or with the deadline [AGENTS-20]', async () => {
    const { ask, of, last, handlers, connect, stop } = await withAgents(
      { echo: {} },
      { messages: { agentErrorCharacters: 10 } },
    );
    const outcomes: unknown[] = [];
    const failed = ask(toEcho);
    last('echo').answer({ kind: 'error', code: -1, message: 'x'.repeat(99), data: { why: 'y'.repeat(99) } });
    outcomes.push(await failed.outcome);
    const late = ask(toEcho);
    last('echo').answer({ kind: 'timeout' });
    outcomes.push(await late.outcome);
    const lost = ask(toEcho);
    of('echo').close();
    outcomes.push(await lost.outcome);
    const { inFlight } = await handlers.agentGet({ agentId: 'echo' }, callBy(connect('ann')));
    expect({ outcomes, inFlight }).to.deep.equal({
      outcomes: [
        { name: 'agent_failed', agent: 'echo', agentError: { code: -1, message: 'x'.repeat(10) } },
        { name: 'deadline_exceeded', agent: 'echo' },
        { name: 'agent_offline', agent: 'echo' },
      ],
      inFlight: 0,
    });
    await stop();
  });

  it('is canceled at the agent when the caller cancels it [AGENTS-21]', async () => {
    const { ask, last, stop } = await withAgents({ echo: {} });
    const { call, outcome } = ask(toEcho);
    call.cancel('changed my mind');
    last('echo').answer({ result: 'too late' });
    expect({ outcome: await outcome, canceled: last('echo').canceled }).to.deep.equal({
      outcome: { name: 'canceled' },
      canceled: 'changed my mind',
    });
    await stop();
  });

  it('ends when another connection takes the agent over [AGENTS-21]', async () => {
    const { ask, last, handlers, connect, stop } = await withAgents({ echo: {} });
    const { outcome } = ask(toEcho);
    await handlers.agentRegister({ agentId: 'echo', card: card('echo') }, callBy(connect('owner')));
    expect({ outcome: await outcome, canceled: last('echo').canceled }).to.deep.equal({
      outcome: { name: 'agent_offline', agent: 'echo' },
      canceled: 'another connection has taken the agent over',
    });
    await stop();
  });

  it('is refused past the bound of an agent, and goes to the next one by skill until all are at theirs [AGENTS-22]', async () => {
    const { ask, of, stop } = await withAgents({ a: {}, b: {} }, { messages: { inFlightPerAgent: 2 } });
    ask({ to: { agent: 'a' } });
    ask({ to: { agent: 'a' } });
    const direct = await ask({ to: { agent: 'a' } }).outcome;
    ask({ to: { skill: 'echo' } });
    ask({ to: { skill: 'echo' } });
    const bySkill = await ask({ to: { skill: 'echo' } }).outcome;
    expect({ direct, bySkill, b: of('b').calls.length }).to.deep.equal({
      direct: { name: 'too_many_pending', limit: 2 },
      bySkill: { name: 'too_many_pending', limit: 2, skill: 'echo' },
      b: 2,
    });
    await stop();
  });

  it('is refused past the bound of the connection of an agent, and counted like every other [AGENTS-32]', async () => {
    const { ask, of, last, handlers, asker, instruments, stop } = await withAgents({ echo: {} });
    Object.assign(of('echo').limits, { pendingCalls: 1 });
    const first = ask(toEcho);
    const { name } = (await ask(toEcho).outcome) as { name: string };
    last('echo').answer({ result: 1 });
    await first.answer;
    const { inFlight } = await handlers.agentGet({ agentId: 'echo' }, callBy(asker));
    const counted = instruments.snapshot().find((one) => one.name === 'orchestrator_message_requests_total');
    const outcomes = (counted?.samples ?? []).flatMap((one) => ('value' in one && one.value > 0 ? [one] : []));
    expect({ name, inFlight, outcomes }).to.deep.equal({
      name: 'too_many_pending',
      inFlight: 0,
      outcomes: [
        { labels: ['answered'], value: 1 },
        { labels: ['refused'], value: 1 },
      ],
    });
    await stop();
  });

  it('is checked against the input schema of the skill, and forwarded as it came [AGENTS-23]', async () => {
    const input = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
    const { ask, last, of, stop } = await withAgents({ sum: { skills: [{ id: 'sum', input }] } });
    const wrong = await ask({ to: { skill: 'sum' } }, { n: 'one' }).outcome;
    const { answer } = ask({ to: { skill: 'sum' } }, { n: 1, more: true });
    last('sum').answer({ result: 2 });
    expect({
      wrong,
      asked: of('sum').calls.length,
      payload: last('sum').params.payload,
      answer: await answer,
    }).to.deep.equal({
      wrong: { name: 'invalid_params', issues: [{ path: '/payload/n', message: 'must be integer' }] },
      asked: 1,
      payload: { n: 1, more: true },
      answer: { agent: 'sum', payload: 2 },
    });
    await stop();
  });

  it('needs the permission on the agent [AGENTS-19]', async () => {
    const { handlers, connect, stop } = await withAgents({ echo: {} });
    const observer = callBy(connect('eve', 'observer'), 'message.request', 1);
    const outcomes = [
      await failure(() => handlers.messageRequest(toEcho, observer)),
      await failure(() => handlers.messageRequest({ to: { skill: 'echo' } }, observer)),
    ];
    expect(outcomes.map(({ name }) => name)).to.deep.equal(['agent_not_found', 'no_agent_for_skill']);
    await stop();
  });
});

describe('message.request while handling a message', () => {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

  it('counts hops, inherits the trace, and has no more time than is left [AGENTS-24]', async () => {
    const { ask, last, of, time, stop } = await withAgents({ a: {}, b: {} });
    ask({ to: { agent: 'a' }, timeoutMs: 1_000, traceparent });
    const parentId = (last('a').params.message as { id: string }).id;
    await time.advance(400);
    ask({ to: { agent: 'b' }, parentId, timeoutMs: 30_000 }, 'hi', of('a'));
    const message = last('b').params.message as { id: string };
    const foreign = await ask({ to: { agent: 'b' }, parentId }).outcome;
    expect({ message, foreign }).to.deep.equal({
      message: { id: message.id, from: 'owner', fromAgent: 'a', to: 'b', hops: 1, timeoutMs: 600, traceparent },
      foreign: { name: 'not_found', resource: `message/${parentId}` },
    });
    await stop();
  });

  it('ends a loop at the limit of hops, and shows the way it went [AGENTS-24]', async () => {
    const { ask, last, of, stop } = await withAgents({ a: {}, b: {} });
    ask({ to: { agent: 'a' } });
    let at = 'a';
    let outcome: unknown;
    for (let i = 0; i < 20 && outcome === undefined; i++) {
      const next = at === 'a' ? 'b' : 'a';
      const parentId = (last(at).params.message as { id: string }).id;
      const before = of(next).calls.length;
      const asked = ask({ to: { agent: next }, parentId }, 'hi', of(at));
      if (of(next).calls.length === before) outcome = await asked.outcome;
      at = next;
    }
    expect(outcome).to.deep.equal({
      name: 'hop_limit',
      chain: Array.from({ length: 16 }, (_, i) => (i % 2 ? 'b' : 'a')),
    });
    await stop();
  });
});

describe('a streaming message.request', () => {
  it('gets the parts in order, before the answer, only if it asked for them [AGENTS-25]', async () => {
    const { ask, last, of, handlers, asker, stop } = await withAgents({ echo: {} });
    const part = async (payload: unknown) => {
      const messageId = (last('echo').params.message as { id: string }).id;
      await handlers.messagePart({ messageId }, callBy(of('echo'), 'message.part', payload));
    };
    const { answer } = ask({ ...toEcho, stream: true });
    await part('one');
    await part('two');
    last('echo').answer({ result: 'done' });
    await answer;
    ask(toEcho);
    await part('not wanted');
    expect(asker.notifications).to.deep.equal([
      { method: 'message.partial', params: { requestId: 'message.request-1', sequence: 0, payload: 'one' } },
      { method: 'message.partial', params: { requestId: 'message.request-1', sequence: 1, payload: 'two' } },
    ]);
    await stop();
  });

  it('is canceled when its sender does not take the parts [AGENTS-26]', async () => {
    const { ask, last, of, handlers, asker, stop } = await withAgents({ echo: {} });
    const { outcome } = ask({ ...toEcho, stream: true });
    const messageId = (last('echo').params.message as { id: string }).id;
    asker.behind = true;
    await handlers.messagePart({ messageId }, callBy(of('echo'), 'message.part', 1));
    expect({ outcome: await outcome, canceled: last('echo').canceled }).to.deep.equal({
      outcome: { name: 'canceled' },
      canceled: 'the sender does not take its parts',
    });
    await stop();
  });

  it('takes parts from nobody but the connection that handles the message [AGENTS-25]', async () => {
    const { ask, last, handlers, connect, asker, stop } = await withAgents({ echo: {} });
    ask({ ...toEcho, stream: true });
    const messageId = (last('echo').params.message as { id: string }).id;
    const foreign = await failure(() =>
      handlers.messagePart({ messageId }, callBy(connect('owner'), 'message.part', 1)),
    );
    const unknown = await failure(() =>
      handlers.messagePart({ messageId: 'none' }, callBy(connect('owner'), 'message.part', 1)),
    );
    expect({ foreign, unknown, taken: asker.notifications }).to.deep.equal({
      foreign: { name: 'stale_epoch' },
      unknown: { name: 'not_found', resource: 'message/none' },
      taken: [],
    });
    await stop();
  });
});
