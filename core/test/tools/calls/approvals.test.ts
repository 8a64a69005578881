import { OrchestratorError } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import { failure, principal } from '../../support/core.js';
import { MemoryStore } from '../../support/memory-store.js';
import { settled } from '../../support/manual-time.js';
import type { Commit, CommitResult } from '../../../src/store/store.js';
import type { ToolInvocation } from '../../../src/tools/tools.js';
import { ALL, callWorld, text, tool } from './call-world.js';

const WIPE = tool('wipe', { annotations: { destructiveHint: true } });
const BOSS = principal('boss', 'operator');

describe('a call that somebody has to approve', () => {
  it('waits with its exact arguments shown, and is approved once and for no other [TOOL-54]', async () => {
    const world = await callWorld({ tools: [WIPE, tool('look', { annotations: { destructiveHint: false } })] });
    const { approvals } = world.calls;
    await world.call('look');
    const waiting = world.call('wipe', { disk: 'a' });
    await settled();
    const [pending] = approvals.pending();
    const asked = world.invocations.length;
    await approvals.decide(pending?.id ?? '', 'approve', BOSS, undefined);
    const reply = await waiting;
    const other = world.call('wipe', { disk: 'b' });
    const again = world.call('wipe', { disk: 'a' });
    await settled();
    const left = approvals.pending().map(({ arguments: args, caller }) => ({ args, caller: caller.id }));
    approvals.stop();
    await Promise.allSettled([other, again]);

    expect({ asked, reply }).to.deep.equal({ asked: 1, reply: text('done') });
    expect({ args: pending?.arguments, caller: pending?.caller.id }).to.deep.equal({
      args: { disk: 'a' },
      caller: 'ada',
    });
    expect(left).to.deep.equal([
      { args: { disk: 'b' }, caller: 'ada' },
      { args: { disk: 'a' }, caller: 'ada' },
    ]);
    const records = (await world.records()).filter((record) => record.resource === 'tool/wipe').slice(0, 3);
    expect(records.map(({ action, by }) => ({ action, by }))).to.deep.equal([
      { action: 'tool.approvalRequested', by: 'ada' },
      { action: 'tool.approvalDecided', by: 'boss' },
      { action: 'tool.called', by: 'ada' },
    ]);
    expect(records[2]).to.include({ approvalId: pending?.id, outcome: 'ok' });
  });

  it('is shown to nobody before its request is in the journal [TOOL-78]', async () => {
    class SlowStore extends MemoryStore {
      readonly held: (() => void)[] = [];

      override async commit(commit: Commit): Promise<CommitResult> {
        const asks = commit.events?.some(({ action }) => action === 'tool.approvalRequested') === true;
        if (asks) await new Promise<void>((resolve) => this.held.push(resolve));
        return super.commit(commit);
      }
    }
    const store = new SlowStore();
    const world = await callWorld({ tools: [WIPE], store });
    const { approvals } = world.calls;
    const waiting = world.call('wipe');
    await settled();
    const shown = approvals.pending().length;
    const second = await failure(() => world.call('wipe'));
    for (const release of store.held) release();
    await settled();
    const [pending] = approvals.pending();
    await approvals.decide(pending?.id ?? '', 'approve', BOSS, undefined);
    expect({ shown, second: second.name, asked: store.held.length, reply: await waiting }).to.deep.equal({
      shown: 0,
      second: 'approval_required',
      asked: 1,
      reply: text('done'),
    });
  });

  it('waits on for a caller that cannot be told what it waits for, and tells it no more [TOOL-77]', async () => {
    let told = 0;
    const world = await callWorld({ tools: [WIPE], limits: { approvalNoticeMs: 10_000 } });
    const progress = () => {
      told += 1;
      if (told > 1) throw new Error('gone');
    };
    const waiting = world.call('wipe', {}, { exchange: { progress } });
    await settled();
    for (let i = 0; i < 3; i++) await world.time.advance(10_000);
    const { id = '' } = world.calls.approvals.pending()[0] ?? {};
    await world.calls.approvals.decide(id, 'approve', BOSS, undefined);
    expect([await waiting, told]).to.deep.equal([text('done'), 2]);
  });

  it('tells a caller that wants progress what it waits for, at once and now and then, and goes on with more [TOOL-77]', async () => {
    const told: { readonly progress: number; readonly message?: string }[] = [];
    const invoke = (invocation: ToolInvocation) => {
      for (const progress of [0, 1, 2]) invocation.exchange.progress?.({ progress });
      return Promise.resolve(text('done'));
    };
    const world = await callWorld({ tools: [WIPE, tool('look')], limits: { approvalNoticeMs: 10_000 }, invoke });
    const exchange = { progress: (one: { readonly progress: number }) => void told.push(one) };
    await world.call('look', {}, { exchange });
    const unasked = told.splice(0).map(({ progress }) => progress);
    const waiting = world.call('wipe', {}, { exchange });
    await settled();
    for (let i = 0; i < 2; i++) await world.time.advance(10_000);
    const { id = '', expiresAt = 0 } = world.calls.approvals.pending()[0] ?? {};
    await world.calls.approvals.decide(id, 'approve', BOSS, undefined);
    await waiting;
    await world.time.advance(30_000);
    const message = `waits for approval ${id}, which can be given until ${new Date(expiresAt).toISOString()}`;
    expect({
      unasked,
      messages: told.map((one) => one.message),
      rises: told.every(({ progress }, i) => progress > (told[i - 1]?.progress ?? 0)),
      last: told.slice(-2).map(({ progress }) => progress),
    }).to.deep.equal({
      unasked: [0, 1, 2],
      // The provider's 0 is told as a little more than the notices were.
      messages: [message, message, message, undefined, undefined, undefined],
      rises: true,
      last: [1, 2],
    });
  });

  it('is not made when it is denied, nor shown again when the caller tries again [TOOL-55]', async () => {
    const world = await callWorld({ tools: [WIPE], limits: { approvalExpiryMs: 10_000 } });
    const { approvals } = world.calls;
    const waiting = failure(() => world.call('wipe'));
    await settled();
    const id = approvals.pending()[0]?.id ?? '';
    await approvals.decide(id, 'deny', BOSS, 'not today');
    const denied = await waiting;
    const again = await failure(() => world.call('wipe'));
    const shown = approvals.pending().length;
    await world.time.advance(10_000);
    const later = failure(() => world.call('wipe'));
    await settled();
    const shownLater = approvals.pending().length;
    await world.time.advance(10_000);

    expect([denied, again]).to.deep.equal(
      Array(2).fill({ name: 'permission_denied', approvalId: id, resource: 'tool/wipe' }),
    );
    expect([shown, shownLater, approvals.size]).to.deep.equal([0, 1, 0]);
    expect((await later).name).to.equal('approval_required');
    expect(world.invocations).to.deep.equal([]);
    expect((await world.records()).map(({ action }) => action)).to.deep.equal([
      'tool.approvalRequested',
      'tool.approvalDecided',
      'tool.denied',
      'tool.denied',
      'tool.approvalRequested',
      'tool.approvalExpired',
      'tool.called',
    ]);
  });

  it('can be approved when its caller waits no longer, and then goes through once when called again [TOOL-56]', async () => {
    const world = await callWorld({ tools: [WIPE], limits: { approvalWaitMs: 1000 } });
    const { approvals } = world.calls;
    const impatient = failure(() => world.call('wipe', { disk: 'a' }));
    await settled();
    await world.time.advance(1000);
    const { name, approvalId } = await impatient;
    const shown = approvals.pending().map(({ id, waiting }) => ({ id, waits: waiting !== undefined }));
    await approvals.decide(String(approvalId), 'approve', BOSS, undefined);
    const reply = await world.call('wipe', { disk: 'a' });
    const secondTime = failure(() => world.call('wipe', { disk: 'a' }));
    await settled();
    await world.time.advance(1000);

    expect(name).to.equal('approval_required');
    expect(shown).to.deep.equal([{ id: approvalId, waits: false }]);
    expect(reply).to.deep.equal(text('done'));
    expect((await secondTime).name).to.equal('approval_required');
  });

  it('is bounded in number, and fails clearly when the daemon stops [TOOL-57]', async () => {
    const world = await callWorld({ tools: [WIPE], limits: { approvalsPerCaller: 1 } });
    const waiting = failure(() => world.call('wipe', { disk: 'a' }));
    await settled();
    const tooMany = await failure(() => world.call('wipe', { disk: 'b' }));
    const same = await failure(() => world.call('wipe', { disk: 'a' }));
    world.calls.approvals.stop();
    const stopped = await waiting;
    const afterwards = await failure(() => world.call('wipe', { disk: 'a' }));

    expect(tooMany).to.deep.equal({ name: 'limit_exceeded', limit: 'toolCalls.approvalsPerCaller', value: 1 });
    expect(same.name).to.equal('approval_required');
    expect([stopped, afterwards]).to.deep.equal([{ name: 'going_away' }, { name: 'going_away' }]);
    expect(world.calls.approvals.size).to.equal(0);
  });

  it('is not made when its caller may call it no longer once it is approved [TOOL-41]', async () => {
    let may = true;
    const world = await callWorld({ tools: [WIPE], use: () => ({ ...ALL, call: may }) });
    const { approvals } = world.calls;
    const waiting = failure(() => world.call('wipe'));
    await settled();
    may = false;
    await approvals.decide(approvals.pending()[0]?.id ?? '', 'approve', BOSS, undefined);
    const refused = await waiting;

    expect(refused).to.deep.equal({ name: 'permission_denied', permission: 'tool:call', resource: 'tool/wipe' });
    expect(world.invocations).to.deep.equal([]);
    expect((await world.records()).at(-1)).to.include({ action: 'tool.denied', reason: 'not_callable' });
  });

  it('is not made when its tool was changed while it waited [TOOL-54]', async () => {
    const world = await callWorld({ tools: [WIPE] });
    const { approvals } = world.calls;
    const waiting = failure(() => world.call('wipe'));
    await settled();
    await world.handle.set([]);
    await approvals.decide(approvals.pending()[0]?.id ?? '', 'approve', BOSS, undefined);

    expect([(await waiting).name, world.invocations]).to.deep.equal(['not_found', []]);
  });

  it('is answered by no earlier result, also where its tool is pure [TOOL-54]', async () => {
    const world = await callWorld({ tools: [{ ...WIPE, pure: { ttlMs: 1000 } }] });
    const { approvals } = world.calls;
    for (let i = 0; i < 2; i++) {
      const waiting = world.call('wipe');
      await settled();
      await approvals.decide(approvals.pending()[0]?.id ?? '', 'approve', BOSS, undefined);
      await waiting;
    }
    expect(world.invocations.length).to.equal(2);
  });

  it('is not asked for once it was canceled behind another with its key [TOOL-53]', async () => {
    const world = await callWorld({
      tools: [WIPE],
      invoke: () => Promise.reject(new OrchestratorError('unavailable', 'gone')),
    });
    const { approvals } = world.calls;
    const key = { idempotencyKey: 'k1' };
    const first = failure(() => world.call('wipe', {}, key));
    await settled();
    const canceled = new AbortController();
    const second = failure(() => world.call('wipe', {}, { ...key, signal: canceled.signal }));
    await settled();
    canceled.abort('enough');
    await approvals.decide(approvals.pending()[0]?.id ?? '', 'approve', BOSS, undefined);

    expect([await first, await second].map(({ name }) => name)).to.deep.equal(['unavailable', 'canceled']);
    expect((await world.records()).filter(({ action }) => action === 'tool.approvalRequested').length).to.equal(1);
  });

  it('does not go on with what its tool did not ask for [TOOL-58]', async () => {
    const world = await callWorld({
      tools: [WIPE],
      invoke: () => Promise.resolve({ kind: 'input_required', requestState: 's1' }),
    });
    const { approvals } = world.calls;
    const goOn = (requestState: string) =>
      failure(() => world.call('wipe', {}, { exchange: { continuation: { requestState, inputResponses: {} } } }));
    const first = await goOn('s1');
    const waiting = world.call('wipe');
    await settled();
    const early = await goOn('s1');
    await approvals.decide(approvals.pending()[0]?.id ?? '', 'approve', BOSS, undefined);
    await waiting;
    const other = await goOn('s2');

    expect([first, early, other]).to.deep.equal(Array(3).fill({ name: 'conflict', resource: 'tool/wipe' }));
    expect(world.invocations.length).to.equal(1);
  });

  it('stays approved over the round trips that its tool needs [TOOL-58]', async () => {
    const world = await callWorld({
      tools: [WIPE],
      invoke: ({ exchange }) =>
        Promise.resolve(
          exchange.continuation === undefined ? { kind: 'input_required', requestState: 's1' } : text('wiped'),
        ),
    });
    const { approvals } = world.calls;
    const first = world.call('wipe');
    await settled();
    await approvals.decide(approvals.pending()[0]?.id ?? '', 'approve', BOSS, undefined);
    const asks = await first;
    const reply = await world.call('wipe', {}, { exchange: { continuation: { requestState: 's1' } } });

    expect([asks, reply]).to.deep.equal([{ kind: 'input_required', requestState: 's1' }, text('wiped')]);
    expect(approvals.size).to.equal(0);
  });
});
