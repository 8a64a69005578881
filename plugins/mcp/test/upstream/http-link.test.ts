import { SystemClock, SystemRandom, SystemTimers } from '@ai-orchestrator/core';
import { silentLog } from '@ai-orchestrator/core/plugin-testing';
import { expect } from 'chai';
import { limitsOf } from '../../src/config.js';
import type { UpstreamAuthorization } from '../../src/oauth/upstream-authorization.js';
import { outboundSettingsOf } from '../../src/outbound/outbound-settings.js';
import { HttpLink } from '../../src/upstream/http-link.js';
import type { Wire } from '../../src/upstream/wire.js';
import { httpFixture, json, LegacyHttp } from './http-servers.js';
import { eventually } from './world.js';

/** A link to a server at this URL, and the wire that it opened. */
async function linked(url: string, authorization: Partial<UpstreamAuthorization>) {
  const clock = new SystemClock();
  const around = {
    clock,
    timers: new SystemTimers(),
    random: new SystemRandom(clock),
    log: silentLog,
    limits: limitsOf({ limits: { requestMs: 100 } }),
    outbound: outboundSettingsOf({ connectionsPerOrigin: 1 }),
  };
  let watched = 0;
  const link = new HttpLink(
    new URL(url),
    {
      headers: () => ({}),
      challenged: () => Promise.resolve('needs-authorization'),
      onChanged: () => {
        watched += 1;
        return () => void (watched -= 1);
      },
      ...authorization,
    },
    { backoffMs: 10, maxBackoffMs: 50 },
    around,
  );
  const wires: Wire[] = [];
  const awaited = new Set<number>();
  const answered: unknown[] = [];
  const receiver = {
    received: (message: { readonly kind: string; readonly id?: unknown }) => void answered.push(message.id),
    awaits: (id: number | string) => awaited.has(Number(id)),
    failed: (id: number | string) => void answered.push(id),
    broken: () => undefined,
  };
  await link.start({
    up: (open) => void wires.push(open(receiver)),
    down: async () => {
      await Promise.all(wires.map((wire) => wire.close()));
    },
  });
  const send = (message: {
    readonly id?: number;
    readonly method: string;
    readonly params: Record<string, never> | { readonly requestId: number };
  }) => {
    for (const wire of wires) wire.send({ jsonrpc: '2.0', ...message });
  };
  const request = async (id: number, method: string) => {
    awaited.add(id);
    send({ id, method, params: {} });
    await eventually(`${method} is answered`, () => answered.includes(id));
  };
  return { link, send, request, awaited, watched: () => watched };
}

describe('a link to an MCP server over HTTP', () => {
  it('ends whole when there are no credentials to end its session with [MCP-36]', async () => {
    const legacy = new LegacyHttp();
    await using fixture = await httpFixture(legacy.answer);
    let away = false;
    const { link, request, watched } = await linked(fixture.url, {
      headers: () => (away ? Promise.reject(new Error('the authorization server is away')) : {}),
    });
    await request(1, 'initialize');
    away = true;
    await link.stop();
    expect([watched(), fixture.asked.map(({ method }) => method)]).to.deep.equal([0, ['POST']]);
  });

  it('keeps no connection for a notification that is never answered, in time or at its end [MCP-37]', async () => {
    const legacy = new LegacyHttp();
    const left: unknown[] = [];
    await using fixture = await httpFixture((asked, response) => {
      const { method, params } = asked.message;
      if (method !== 'notifications/cancelled') {
        legacy.answer(asked, response);
        return;
      }
      response.once('close', () => left.push(params.requestId));
    });
    const { link, send, request } = await linked(fixture.url, {});
    await request(1, 'initialize');
    send({ method: 'notifications/cancelled', params: { requestId: 7 } });
    // There is one connection.
    await request(2, 'tools/list');
    send({ method: 'notifications/cancelled', params: { requestId: 8 } });
    await eventually('it came', () => fixture.asked.some(({ message }) => message.params.requestId === 8));
    await link.stop();
    await eventually('both were left', () => left.length === 2);
    expect([left, legacy.ended]).to.deep.equal([[7, 8], ['session-1']]);
  });

  it('does not send again what was canceled while its credentials were renewed [MCP-38]', async () => {
    const legacy = new LegacyHttp();
    let refused = 0;
    await using fixture = await httpFixture((asked, response) => {
      if (asked.headers.authorization === 'Bearer fresh') legacy.answer(asked, response);
      else {
        refused += 1;
        json(response, 401, {});
      }
    });
    const renewals: (() => void)[] = [];
    let token = 'Bearer fresh';
    const { link, send, request, awaited } = await linked(fixture.url, {
      headers: () => ({ authorization: token }),
      challenged: () =>
        new Promise((resolve) => {
          renewals.push(() => resolve('retry'));
        }),
    });
    await request(1, 'initialize');
    token = 'Bearer old';
    for (const id of [2, 3]) {
      awaited.add(id);
      send({ id, method: 'tools/call', params: {} });
    }
    await eventually('both are refused', () => refused === 2 && renewals.length === 2);
    awaited.delete(2);
    token = 'Bearer fresh';
    for (const renewed of renewals) renewed();
    await request(4, 'tools/list');
    await link.stop();
    const begun = fixture.asked.filter(
      ({ headers, message }) => message.method === 'tools/call' && headers.authorization === 'Bearer fresh',
    );
    expect(begun.map(({ message }) => message.id)).to.deep.equal([3]);
  });
});
