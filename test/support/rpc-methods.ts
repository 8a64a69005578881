import { method, type MethodDeclaration } from '@ai-orchestrator/protocol';
import { RelayedJson, type Handler, type SubscriptionBatch } from '@ai-orchestrator/core/plugin';
import Type from 'typebox';
import type { RpcHost } from './rpc-host.js';

const Numbers = (...names: string[]) =>
  Type.Object(Object.fromEntries(names.map((name) => [name, Type.Optional(Type.Number())])), {
    additionalProperties: false,
  });

const open = { summary: 'For tests.', permission: 'public', result: Type.Unknown() } as const;

/** Adds the methods that the examples of the specification call, and a few that show how handlers may answer. */
export function addTestMethods({ dispatcher }: RpcHost): { readonly seen: string[] } {
  const seen: string[] = [];
  const add = (declaration: MethodDeclaration, handler: Handler): void => {
    dispatcher.add(declaration, handler, 'test');
  };
  add(method({ ...open, name: 'subtract', params: Numbers('minuend', 'subtrahend') }), (params) => {
    const { minuend = 0, subtrahend = 0 } = params as { minuend?: number; subtrahend?: number };
    return minuend - subtrahend;
  });
  add(method({ ...open, name: 'sum', params: Numbers('a', 'b', 'c') }), (params) =>
    Object.values(params as Record<string, number>).reduce((a, b) => a + b, 0),
  );
  add(method({ ...open, name: 'update', params: Numbers('a', 'b', 'c', 'd', 'e') }), (params) => {
    seen.push(`update ${Object.values(params as object).join()}`);
    return null;
  });
  add(method({ ...open, name: 'notify_sum', params: Numbers('a', 'b', 'c') }), () => null);
  add(method({ ...open, name: 'notify_hello', params: Numbers('a') }), () => null);
  add(method({ ...open, name: 'get_data', params: Numbers() }), () => ['hello', 5]);
  add(method({ ...open, name: 'fail', params: Numbers() }), () => {
    throw new Error('the secret is 42');
  });
  add(method({ ...open, name: 'unwritable', params: Numbers() }), () => 10n);
  add(
    method({ ...open, name: 'wait', params: Type.Object({ name: Type.Optional(Type.String()) }) }),
    (params, call) => {
      const { name = '' } = params as { name?: string };
      seen.push(`wait ${name}`);
      return new Promise((resolve) =>
        call.onCancel((reason) => {
          seen.push(`canceled ${name}: ${reason}`);
          resolve('too late');
        }),
      );
    },
  );
  add(
    method({
      ...open,
      name: 'relay',
      relayed: 'payload',
      params: Type.Object(
        { to: Type.Optional(Type.String()), payload: Type.Unknown() },
        { additionalProperties: false },
      ),
    }),
    (params, call) =>
      new RelayedJson(call.relayed ?? Buffer.from('null'), 'payload', params as object as Record<string, unknown>),
  );
  add(
    method({ ...open, name: 'admin.only', permission: 'daemon:admin', params: Type.Object({ x: Type.Integer() }) }),
    () => 'done',
  );
  add(method({ ...open, name: 'observed', permission: 'daemon:read', params: Numbers('x') }), () => 'seen');
  add(method({ ...open, name: 'follow', permission: 'daemon:read', params: Numbers() }), (_params, call) =>
    call.session?.subscribe(nothing, 'start', 'daemon:read'),
  );
  return { seen };
}

async function* nothing(signal: AbortSignal): AsyncGenerator<SubscriptionBatch> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
}
