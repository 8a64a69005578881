import { expect } from 'chai';
import { AuthenticationRegistry, DEFAULT_AUTHENTICATION_LIMITS, InMemoryInstruments } from '@ai-orchestrator/core';
import type { AuthenticationLimits } from '@ai-orchestrator/core';
import type { AuthenticationScheme, Log, Principal } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';

const ana: Principal = { id: 'ana', kind: 'user', roles: ['agent'], credentialId: 'key-ana' };

function world(limits: Partial<AuthenticationLimits> = {}) {
  const time = { ms: 0 };
  const lines: string[] = [];
  const write = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = {
    trace: write,
    debug: write,
    info: write,
    warn: write,
    error: write,
    fatal: write,
    child: () => log,
  };
  const clock = { now: () => time.ms, monotonicMs: () => time.ms };
  const due: (() => void)[] = [];
  const timer = { cancel: () => undefined };
  const timers = { after: (_: number, run: () => void) => (due.push(run), timer), every: () => timer };
  const instruments = new InMemoryInstruments({ seriesPerInstrument: 10 });
  const all = { ...DEFAULT_AUTHENTICATION_LIMITS, ...limits };
  const registry = new AuthenticationRegistry(clock, timers, instruments, log, all);
  return { time, lines, due, registry };
}

function scheme(principals: Record<string, Principal>, more: Partial<AuthenticationScheme> = {}) {
  const asked: string[] = [];
  const value: AuthenticationScheme = {
    name: 'test',
    recognises: (token) => token.startsWith('t-'),
    authenticate: (token) => {
      asked.push(token);
      return Promise.resolve(principals[token]);
    },
    ...more,
  };
  return { asked, scheme: value };
}

async function outcome(asking: Promise<Principal | undefined> | Principal | undefined): Promise<string | number> {
  try {
    return (await asking)?.id ?? 'nobody';
  } catch (error) {
    if (error instanceof OrchestratorError && error.errorName === 'rate_limited')
      return Number(error.data.retryAfterMs);
    throw error;
  }
}

describe('authentication', () => {
  it('answers whose token it is, and undefined for nobody’s, an empty and an overlong one', async () => {
    const { registry } = world({ tokenCharacters: 10 });
    registry.addScheme(scheme({ 't-ana': ana }).scheme);
    const tokens = ['t-ana', 't-ben', 'x-ana', '', 't-'.padEnd(11, 'a')];
    expect(await Promise.all(tokens.map(async (token) => registry.authenticate(token, '10.0.0.1')))).to.deep.equal([
      ana,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('answers at once for a scheme that does, and takes nothing that is to be awaited for a principal', async () => {
    const { registry } = world();
    const promised: unknown = { then: (told: (principal: undefined) => void) => told(undefined) };
    registry.addScheme({
      name: 'memory',
      answersFromMemory: true,
      recognises: () => true,
      authenticate: (token) => (token === 't-late' ? (promised as Promise<undefined>) : ana),
    });
    const seen = [registry.authenticate('t-ana', '10.0.0.1'), await registry.authenticate('t-late', '10.0.0.1')];
    expect(seen).to.deep.equal([ana, undefined]);
  });

  it('asks a scheme once within the cache time, and again after it [ACCESS-07]', async () => {
    const { registry, time } = world({ cacheMs: 100 });
    const { asked, scheme: slow } = scheme({ 't-ana': ana });
    registry.addScheme(slow);
    for (const at of [0, 50, 99, 150]) {
      time.ms = at + 1;
      await registry.authenticate('t-ana', '10.0.0.1');
    }
    expect(asked).to.deep.equal(['t-ana', 't-ana']);
  });

  it('does not believe a revoked credential any more: cached, or on its way when it was revoked [ACCESS-08]', async () => {
    const { registry, due } = world();
    let answer: (principal: Principal) => void = () => undefined;
    const answers = [Promise.resolve(ana), new Promise<Principal>((resolve) => (answer = resolve))];
    const authenticate = () => answers.shift() ?? Promise.resolve(ana);
    registry.addScheme(scheme({}, { authenticate }).scheme);
    const told: string[] = [];
    registry.onRevoked((id) => told.push(id));
    const before = await outcome(registry.authenticate('t-1', '10.0.0.1'));
    const underWay = outcome(registry.authenticate('t-2', '10.0.0.1'));
    registry.revoke('key-ana');
    answer(ana);
    const after = await outcome(registry.authenticate('t-1', '10.0.0.1'));
    for (const run of due) run();
    expect([before, await underWay, after, told]).to.deep.equal(['ana', 'nobody', 'nobody', ['key-ana', 'key-ana']]);
  });

  it('bans an address after too many wrong tokens, twice as long each time, without asking the scheme [ACCESS-09]', async () => {
    const { registry, time, lines } = world({ failures: 2, forgiveMs: 1e9, banMs: 100, maxBanMs: 300 });
    const { asked, scheme: slow } = scheme({});
    registry.addScheme(slow);
    const seen: (string | number)[] = [];
    const guess = async () => seen.push(await outcome(registry.authenticate('t-guess', '10.0.0.1')));
    for (const wait of [0, 0, 0, 0, 50, 50, 0, 200, 0, 300]) {
      time.ms += wait;
      await guess();
    }
    expect({ seen, asked: asked.length, bans: lines.length }).to.deep.equal({
      seen: ['nobody', 'nobody', 'nobody', 100, 50, 'nobody', 200, 'nobody', 300, 'nobody'],
      asked: 6,
      bans: 4,
    });
    expect(lines.join()).not.to.contain('t-guess');
  });

  it('lets everybody else in meanwhile, and the right token of a scheme that answers from memory [ACCESS-10]', async () => {
    const { registry } = world({ failures: 1, forgiveMs: 1e9 });
    registry.addScheme(scheme({ 't-ana': ana }, { answersFromMemory: true }).scheme);
    for (let i = 0; i < 5; i++) await outcome(registry.authenticate('t-guess', '10.0.0.1'));
    expect([
      await outcome(registry.authenticate('t-guess', '10.0.0.1')),
      await outcome(registry.authenticate('t-ana', '10.0.0.1')),
      await outcome(registry.authenticate('t-guess', '10.0.0.2')),
    ]).to.deep.equal([1000, 'ana', 'nobody']);
  });

  it('forgives failures with time', async () => {
    const { registry, time } = world({ failures: 2, forgiveMs: 100 });
    registry.addScheme(scheme({}).scheme);
    const seen = [];
    for (let i = 0; i < 20; i++) {
      seen.push(await outcome(registry.authenticate('t-guess', '10.0.0.1')));
      time.ms += 100;
    }
    expect(new Set(seen)).to.deep.equal(new Set(['nobody']));
  });

  it('counts an IPv6 network as one address, and an IPv4 address mapped into IPv6 as itself [ACCESS-09]', async () => {
    const { registry } = world({ failures: 1, forgiveMs: 1e9 });
    registry.addScheme(scheme({}).scheme);
    const seen = [];
    for (const from of ['2001:db8::1', '2001:db8:0:0:ff::2', '2001:db8::3', '2001:db8:0:1::3']) {
      seen.push(await outcome(registry.authenticate('t-guess', from)));
    }
    for (const from of ['::ffff:10.0.0.1', '10.0.0.1', '10.0.0.1', '::1']) {
      seen.push(await outcome(registry.authenticate('t-guess', from)));
    }
    expect(seen).to.deep.equal(['nobody', 'nobody', 1000, 'nobody', 'nobody', 'nobody', 1000, 'nobody']);
  });

  it('looks at a bounded number of tokens at once [ACCESS-07]', async () => {
    const { registry } = world({ pending: 2 });
    const answers: (() => void)[] = [];
    const authenticate = () => new Promise<undefined>((resolve) => answers.push(() => resolve(undefined)));
    registry.addScheme(scheme({}, { authenticate }).scheme);
    const asking = ['t-1', 't-2', 't-3'].map((token) => outcome(registry.authenticate(token, '10.0.0.1')));
    const third = await asking[2];
    for (const answer of answers) answer();
    expect([...(await Promise.all(asking.slice(0, 2))), third]).to.deep.equal(['nobody', 'nobody', 500]);
  });

  it('does not accept a cached token after its expiry', async () => {
    const { registry, time } = world();
    registry.addScheme(scheme({ 't-ana': { ...ana, expiresAt: 10 } }).scheme);
    const before = await outcome(registry.authenticate('t-ana', '10.0.0.1'));
    time.ms = 10;
    expect([before, await outcome(registry.authenticate('t-ana', '10.0.0.1'))]).to.deep.equal(['ana', 'nobody']);
  });

  it('refuses a second scheme of a name, and forgets a scheme that was taken away', async () => {
    const { registry } = world();
    const remove = registry.addScheme(scheme({ 't-ana': ana }).scheme);
    expect(() => registry.addScheme(scheme({}).scheme)).to.throw(Error, 'scheme "test" exists already');
    await registry.authenticate('t-ana', '10.0.0.1');
    remove();
    expect(await registry.authenticate('t-ana', '10.0.0.1')).to.equal(undefined);
  });
});
