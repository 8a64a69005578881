// What the bench calls: an echo that is authorized, validated and measured like any method, and one durable commit with its record.
import { definePlugin, Store } from '@ai-orchestrator/core/plugin';
import { event, method } from '@ai-orchestrator/protocol';
import { hash } from 'node:crypto';
import Type from 'typebox';

const Turn = Type.Object({
  role: Type.Union([Type.Literal('user'), Type.Literal('agent'), Type.Literal('system')]),
  at: Type.Integer(),
  content: Type.String({ maxLength: 65536 }),
  meta: Type.Optional(
    Type.Object({
      tokens: Type.Integer(),
      score: Type.Number(),
      cached: Type.Boolean(),
      tags: Type.Array(Type.String(), { maxItems: 16 }),
    }),
  ),
});
const Conversation = Type.Object({
  task: Type.Optional(Type.String({ maxLength: 64 })),
  messages: Type.Optional(Type.Array(Turn, { maxItems: 1000 })),
  pad: Type.String(),
});

const echo = method({
  name: 'bench.echo',
  summary: 'Answers its params.',
  permission: 'bench:call',
  params: Conversation,
  result: Conversation,
});
const put = method({
  name: 'bench.put',
  summary: 'Stores a value durably, with a record in the journal.',
  permission: 'bench:call',
  effect: true,
  params: Type.Object({ data: Type.String({ maxLength: 65536 }) }, { additionalProperties: false }),
  result: Type.Object({ id: Type.String() }),
});
const stored = event({
  name: 'bench.stored',
  summary: 'A value was stored.',
  details: Type.Object({ id: Type.String() }),
});

export default definePlugin({
  id: 'bench',
  requires: { store: Store },
  methods: { echo, put },
  events: { stored },
  start({ services: { store } }) {
    let next = 0;
    return {
      handlers: {
        echo: (params) => params,
        put: async ({ data }, call) => {
          const id = String(++next);
          const resource = `bench/${id}`;
          await store.commit({
            puts: [{ key: resource, value: data }],
            events: [
              {
                action: stored.name,
                resource,
                principal: call.principal.id,
                details: { id },
                contentHash: hash('sha256', data, 'hex'),
              },
            ],
          });
          return { id };
        },
      },
    };
  },
});
