import { DEFAULT_ACCESS_RULES } from '@ai-orchestrator/core';
import { expect } from 'chai';
import { KEYS, startRpcHost } from '../support/rpc-host.js';
import { RpcClient } from '../support/rpc-client.js';
import { addTestMethods } from '../support/rpc-methods.js';

const nameOf = (answer: unknown): string | undefined =>
  (answer as { error?: { data: { name: string } } }).error?.data.name;

describe('the way of a call', () => {
  it('asks for existence, then permission, then shape [RPC-08]', async () => {
    const host = await startRpcHost();
    addTestMethods(host);
    const client = await RpcClient.connect(host.url, KEYS.observer);
    const denials: string[] = [];
    host.dispatcher.onDenied(({ principal, method, permission }) =>
      denials.push(`${principal.id} ${method} ${permission}`),
    );
    const got = [
      nameOf(await client.call('no.such', { x: 'wrong' })),
      nameOf(await client.call('admin.only', { x: 'wrong' })),
      nameOf(await client.call('observed', { x: 'wrong' })),
      nameOf(await client.call('observed', { x: 1 })),
    ];
    await client.close();
    await host.stop();
    expect({ got, denials }).to.deep.equal({
      got: ['method_not_found', 'permission_denied', 'invalid_params', undefined],
      denials: ['observer admin.only daemon:admin'],
    });
  });

  it('names each member of params that is wrong [RPC-09]', async () => {
    const host = await startRpcHost();
    addTestMethods(host);
    const client = await RpcClient.connect(host.url, KEYS.admin);
    const answer = (await client.call('subtract', { minuend: '1', other: 2 })) as {
      error: { data: { issues: unknown } };
    };
    await client.close();
    await host.stop();
    expect(answer.error.data.issues).to.deep.equal([
      { path: '/other', message: 'is not known' },
      { path: '/minuend', message: 'must be number' },
    ]);
  });

  it('meters every call of a principal, those of a batch one by one [RPC-10]', async () => {
    const host = await startRpcHost({ callsPerSecond: 5 });
    addTestMethods(host);
    const client = await RpcClient.connect(host.url, KEYS.admin);
    const call = (id: number) => ({ jsonrpc: '2.0', id, method: 'sum' });
    const answers = (await client.ask(JSON.stringify([1, 2, 3, 4, 5, 6, 7].map(call)))) as unknown[];
    await client.close();
    await host.stop();
    expect(answers.map(nameOf)).to.deep.equal([...Array.from({ length: 5 }), 'rate_limited', 'rate_limited']);
  });

  it('answers public methods before the login, others unauthenticated, and everything after it [RPC-11]', async () => {
    const host = await startRpcHost();
    addTestMethods(host);
    const client = await RpcClient.connect(host.url);
    const before = [nameOf(await client.call('sum')), nameOf(await client.call('observed'))];
    const wrong = nameOf(await client.call('session.authenticate', { token: 'nobody:key' }));
    const login = (await client.call('session.authenticate', { token: KEYS.admin })) as {
      result: { principal: unknown; node: string };
    };
    const after = nameOf(await client.call('observed'));
    const other = nameOf(await client.call('session.authenticate', { token: KEYS.observer }));
    await client.close();
    await host.stop();
    expect({ before, wrong, principal: login.result.principal, after, other }).to.deep.equal({
      before: [undefined, 'unauthenticated'],
      wrong: 'unauthenticated',
      principal: { id: 'admin', kind: 'user', roles: ['admin'] },
      after: undefined,
      other: 'conflict',
    });
  });

  it('closes a session within 5 s of its credential being revoked or expired [RPC-12]', async () => {
    const host = await startRpcHost();
    const client = await RpcClient.connect(host.url, KEYS.admin);
    host.authentication.revoke('admin');
    const revoked = await client.closed;
    await host.stop();
    const expiresAt = Date.now() + 2_000;
    const expiring = await startRpcHost({ expiresAt });
    const other = await RpcClient.connect(expiring.url, KEYS.admin);
    const expired = await other.closed;
    const lateMs = Date.now() - expiresAt;
    await expiring.stop();
    expect({ revoked, expired, inTime: lateMs >= 0 && lateMs < 5000 }).to.deep.equal({
      revoked: { code: 4003, reason: 'credential_ended' },
      expired: { code: 4003, reason: 'credential_ended' },
      inTime: true,
    });
  });

  it('ends a subscription that the rules, or a new login, no longer allow, and leaves the connection [RPC-20]', async () => {
    const host = await startRpcHost();
    addTestMethods(host);
    host.authentication.addScheme({
      name: 'lesser',
      recognises: (token) => token === 'lesser',
      authenticate: async () => ({ id: 'admin', kind: 'user', roles: ['agent'], credentialId: 'lesser' }),
    });
    const observer = await RpcClient.connect(host.url, KEYS.observer);
    const admin = await RpcClient.connect(host.url, KEYS.admin);
    for (const client of [observer, admin]) await client.call('follow');
    host.authorizer.replace({
      ...DEFAULT_ACCESS_RULES,
      forbids: [{ principal: 'observer', permission: 'daemon:read' }],
    });
    const ended = await observer.next();
    const again = nameOf(await observer.call('follow'));
    const sum = await observer.call('sum', { a: 1 });
    const untouched = [...host.sessions.all()].map(({ subscriptions }) => subscriptions);
    admin.ws.send('{"jsonrpc":"2.0","id":2,"method":"session.authenticate","params":{"token":"lesser"}}');
    const endedByLogin = await admin.next();
    await observer.close();
    await admin.close();
    await host.stop();
    const reasonOf = (message: unknown) => {
      const { method, params } = message as { method: string; params: { reason: string; cursor: string } };
      return { method, reason: params.reason, cursor: params.cursor };
    };
    const revoked = { method: 'subscription.closed', reason: 'permission_revoked', cursor: 'start' };
    expect({ ended: reasonOf(ended), again, sum, untouched, endedByLogin: reasonOf(endedByLogin) }).to.deep.equal({
      ended: revoked,
      again: 'permission_denied',
      sum: { jsonrpc: '2.0', id: 1, result: 1 },
      untouched: [0, 1],
      endedByLogin: revoked,
    });
  });

  it('cancels a request by its id; the sender gets canceled at once and the late result nowhere [RPC-13]', async () => {
    const host = await startRpcHost();
    const { seen } = addTestMethods(host);
    const client = await RpcClient.connect(host.url, KEYS.admin);
    client.ws.send('{"jsonrpc":"2.0","id":"a","method":"wait","params":{"name":"x"}}');
    const canceled = await client.ask(
      '{"jsonrpc":"2.0","method":"request.cancel","params":{"id":"a","reason":"enough"}}',
    );
    const next = await client.call('sum');
    await client.close();
    await host.stop();
    expect([nameOf(canceled), (canceled as { id: unknown }).id, next, seen]).to.deep.equal([
      'canceled',
      'a',
      { jsonrpc: '2.0', id: 1, result: 0 },
      ['wait x', 'canceled x: enough'],
    ]);
  });

  it('tells handlers when the connection has ended [RPC-13]', async () => {
    const host = await startRpcHost();
    const { seen } = addTestMethods(host);
    const client = await RpcClient.connect(host.url, KEYS.admin);
    client.ws.send('{"jsonrpc":"2.0","id":"a","method":"wait","params":{"name":"y"}}');
    await client.call('sum');
    await client.close();
    await host.stop();
    expect(seen).to.deep.equal(['wait y', 'canceled y: the connection has ended']);
  });

  it('bounds the requests of a session that are not answered yet [RPC-14]', async () => {
    const host = await startRpcHost({ limits: { pendingCalls: 3 } });
    addTestMethods(host);
    const client = await RpcClient.connect(host.url, KEYS.admin);
    for (let id = 1; id <= 3; id++) client.ws.send(`{"jsonrpc":"2.0","id":${id},"method":"wait"}`);
    const fourth = nameOf(await client.call('wait', {}, 4));
    client.ws.terminate();
    await client.closed;
    await host.stop();
    expect(fourth).to.equal('too_many_pending');
  });
});
