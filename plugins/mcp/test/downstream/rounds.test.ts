import { expect } from 'chai';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { JsonObject } from '../../src/upstream/json.js';
import { eventually } from '../upstream/world.js';
import {
  connectLegacy,
  EventReader,
  modern,
  startGateway,
  type Answered,
  type TestTool,
  type TestUpstream,
} from './gateway-under-test.js';

const CAN = { elicitation: {}, sampling: {}, roots: {} };
const QUESTION = { message: 'Your name?', requestedSchema: { type: 'object', properties: {} } };

/** A tool of a legacy server: asks by requests, twice, and says what it heard. */
const ASKS: TestTool = {
  name: 'asks',
  provider: 'mcp/old',
  call: async ({ exchange, signal = new AbortController().signal }) => {
    const first = await exchange?.ask?.('elicitation/create', QUESTION, signal);
    const second = await exchange?.ask?.('roots/list', {}, signal);
    return { kind: 'result', result: { content: [{ type: 'text', text: JSON.stringify([first, second]) }] } };
  },
};

/** A tool of a modern server: asks by `input_required`, twice, and says what it heard. */
const REQUIRES: TestTool = {
  name: 'requires',
  provider: 'mcp/new',
  call: ({ exchange }) => {
    const { inputResponses, requestState } = exchange?.continuation ?? {};
    if (requestState === undefined) {
      return {
        kind: 'input_required',
        inputRequests: { name: { method: 'elicitation/create', params: QUESTION } },
        requestState: 'state-1',
      };
    }
    if (requestState === 'state-1') {
      return {
        kind: 'input_required',
        inputRequests: { roots: { method: 'roots/list', params: {} } },
        requestState: `state-2 ${JSON.stringify(inputResponses)}`,
      };
    }
    return {
      kind: 'result',
      result: { content: [{ type: 'text', text: `${requestState} ${JSON.stringify(inputResponses)}` }] },
    };
  },
};

function resultOf({ body }: Answered): JsonObject {
  return body.result as JsonObject;
}

function textOf(result: JsonObject): string {
  return (result.content as { text: string }[])[0]?.text ?? '';
}

describe('asking the client', () => {
  for (const tool of [ASKS, REQUIRES]) {
    it(`asks a legacy client by requests on its stream, for ${String(tool.provider)} [MCP-57]`, async () => {
      const gateway = await startGateway({ tools: [tool] });
      try {
        const client = await connectLegacy(gateway, { capabilities: CAN });
        const stream = new EventReader(
          await client.open({ id: 1, method: 'tools/call', params: { name: tool.name, arguments: {} } }),
        );
        const [first] = await stream.until(1);
        await client.post({ id: first?.id as number, result: { action: 'accept', content: { name: 'Ada' } } });
        const [, second] = await stream.until(2);
        await client.post({ id: second?.id as number, result: { roots: [] } });
        const [, , answer] = await stream.end();
        const said = textOf(answer?.result as JsonObject);
        expect([
          [first?.method, first?.params],
          second?.method,
          answer?.id,
          said.includes('Ada') && said.includes('roots'),
        ]).to.deep.equal([['elicitation/create', QUESTION], 'roots/list', 1, true]);
      } finally {
        await gateway.stop();
      }
    });

    it(`asks a modern client by input_required, and goes on with its next request, for ${String(tool.provider)} [MCP-58]`, async () => {
      const gateway = await startGateway({ tools: [tool] });
      try {
        const params = { name: tool.name, arguments: { b: 1, a: 2 } };
        const call = async (more: JsonObject, id: number) =>
          resultOf(await modern(gateway, 'tools/call', { ...params, ...more }, { id, capabilities: CAN }));
        const asked = (result: JsonObject) =>
          Object.entries(result.inputRequests as Record<string, { method: string }>)[0];
        const first = await call({}, 1);
        const [key = '', question] = asked(first) ?? [];
        const answered = { [key]: { action: 'accept', content: { name: 'Ada' } } };
        const second = await call({ inputResponses: answered, requestState: first.requestState ?? '' }, 2);
        const [next = '', follow] = asked(second) ?? [];
        const rest = { inputResponses: { [next]: { roots: [] } }, requestState: second.requestState ?? '' };
        const last = await call({ arguments: { a: 2, b: 1 }, ...rest }, 3);
        expect([
          first.resultType,
          question,
          follow?.method,
          last.resultType,
          textOf(last).includes('Ada') && textOf(last).includes('roots'),
          JSON.stringify([first, second]).includes('state-'),
          gateway.status().heldCalls,
        ]).to.deep.equal([
          'input_required',
          { method: 'elicitation/create', params: QUESTION },
          'roots/list',
          'complete',
          true,
          false,
          0,
        ]);
      } finally {
        await gateway.stop();
      }
    });

    it(`takes a requestState from nobody else, with no other request and only whole, for ${String(tool.provider)} [MCP-59]`, async () => {
      const gateway = await startGateway({ tools: [tool, { ...tool, name: 'other' }] });
      try {
        const params = { name: tool.name, arguments: { to: 'ada' } };
        const first = resultOf(await modern(gateway, 'tools/call', params, { capabilities: CAN }));
        const requestState = first.requestState as string;
        const tried = async (change: JsonObject, as = 'ada') => {
          const more = { inputResponses: {}, requestState, ...change };
          const answer = await modern(gateway, 'tools/call', { ...params, ...more }, { capabilities: CAN, as });
          return (answer.body.error as { code: number; message: string } | undefined)?.code;
        };
        const flipped = requestState.slice(0, -2) + (requestState.endsWith('AA') ? 'BB' : 'AA');
        expect([
          await tried({}, 'bob'),
          await tried({ name: 'other' }),
          await tried({ arguments: { to: 'bob' } }),
          await tried({ requestState: flipped }),
          await tried({ requestState: 'x' }),
          await tried({}),
        ]).to.deep.equal([-32602, -32602, -32602, -32602, -32602, undefined]);
      } finally {
        await gateway.stop();
      }
    });
  }

  it('goes on with the upstream that asked, and sends what a client answered to no other [MCP-59]', async () => {
    const heard: string[] = [];
    const holder = (id: string, state: 'ready' | 'backoff', asks: boolean): TestUpstream => ({
      id,
      state,
      capabilities: { resources: {} },
      answer: (_method, _params, { continuation }) => {
        heard.push(`${id} ${JSON.stringify(continuation ?? null)}`);
        if (state !== 'ready' || id === 'b') return Promise.reject(new OrchestratorError('unavailable', 'it is away'));
        if (!asks) return Promise.resolve({ kind: 'error', code: -32602, message: 'not here' });
        const inputRequests = { name: { method: 'elicitation/create', params: QUESTION } };
        const asked = { resultType: 'input_required', inputRequests, requestState: 'of-d' };
        return Promise.resolve({ kind: 'result', result: continuation === undefined ? asked : { contents: [] } });
      },
    });
    const gateway = await startGateway({
      upstreams: [
        holder('a', 'backoff', false),
        holder('b', 'ready', false),
        holder('c', 'ready', false),
        holder('d', 'ready', true),
      ],
    });
    try {
      const read = async (more: JsonObject) =>
        resultOf(await modern(gateway, 'resources/read', { uri: 'x://unlisted', ...more }, { capabilities: CAN }));
      const { requestState = '' } = await read({});
      const inputResponses = { name: { action: 'decline' } };
      const { contents } = await read({ inputResponses, requestState });
      const legacy = await connectLegacy(gateway, { capabilities: CAN });
      const params = { uri: 'x://unlisted' };
      const stream = new EventReader(await legacy.open({ id: 1, method: 'resources/read', params }));
      const [question] = await stream.until(1);
      await legacy.post({ id: question?.id as number, result: { action: 'decline' } });
      await stream.end();
      const rounds = ['b null', 'c null', 'd null', `d ${JSON.stringify({ inputResponses, requestState: 'of-d' })}`];
      expect([contents, heard]).to.deep.equal([[], [...rounds, ...rounds]]);
    } finally {
      await gateway.stop();
    }
  });

  it('takes what was sealed for a tool of one provider with none of another [MCP-59]', async () => {
    const world = { tools: [REQUIRES] };
    const gateway = await startGateway(world);
    try {
      const call = (more: JsonObject) =>
        modern(gateway, 'tools/call', { name: 'requires', ...more }, { capabilities: CAN });
      const { requestState = '' } = resultOf(await call({}));
      world.tools = [{ ...REQUIRES, provider: 'mcp/other' }];
      const { body } = await call({ inputResponses: {}, requestState });
      expect((body.error as JsonObject | undefined)?.code).to.equal(-32602);
    } finally {
      await gateway.stop();
    }
  });

  for (const tool of [ASKS, REQUIRES]) {
    it(`gives a legacy client up that does not answer in time, for ${String(tool.provider)} [MCP-61]`, async () => {
      const gateway = await startGateway({ tools: [tool], limits: { stateTtlMs: 200 } });
      try {
        const client = await connectLegacy(gateway, { capabilities: CAN });
        const stream = new EventReader(
          await client.open({ id: 1, method: 'tools/call', params: { name: tool.name, arguments: {} } }),
        );
        const [question, canceled, answer] = await stream.end();
        expect([canceled?.params, (answer?.error as JsonObject | undefined)?.message]).to.deep.equal([
          { requestId: question?.id, reason: 'the client did not answer within 200 ms' },
          'Deadline exceeded: the client did not answer within 200 ms',
        ]);
      } finally {
        await gateway.stop();
      }
    });
  }

  it('asks nothing for a call that is canceled already [MCP-57]', async () => {
    const leaving = new AbortController();
    leaving.abort('had enough');
    const tool: TestTool = {
      name: 'late',
      call: async ({ exchange }) => {
        const asked = exchange?.ask?.('roots/list', {}, leaving.signal);
        const text = await asked?.then(JSON.stringify, (error: unknown) => (error as Error).message);
        return { kind: 'result', result: { content: [{ type: 'text', text: text ?? '' }] } };
      },
    };
    const gateway = await startGateway({ tools: [tool], limits: { stateTtlMs: 2_000 } });
    try {
      const client = await connectLegacy(gateway, { capabilities: CAN });
      const { text } = await client.call('tools/call', { name: 'late', arguments: {} });
      expect([text.includes('Canceled: had enough'), text.includes('roots/list')]).to.deep.equal([true, false]);
    } finally {
      await gateway.stop();
    }
  });

  it('tells a modern client afterwards what was said while it answered, up to a bound [MCP-58]', async () => {
    let asked: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => (asked = resolve));
    let said: () => void = () => undefined;
    const spoken = new Promise<void>((resolve) => (said = resolve));
    const tool: TestTool = {
      name: 'busy',
      call: async ({ exchange, signal = new AbortController().signal }) => {
        const answer = exchange?.ask?.('roots/list', {}, signal);
        await waiting;
        for (const progress of [1, 2, 3]) exchange?.progress?.({ progress });
        said();
        await answer;
        return { kind: 'result', result: { content: [] } };
      },
    };
    const gateway = await startGateway({ tools: [tool], limits: { heldNotices: 2 } });
    try {
      const meta = { progressToken: 'p' };
      const call = (more: JsonObject) =>
        modern(gateway, 'tools/call', { name: 'busy', arguments: {}, ...more }, { capabilities: CAN, meta });
      const { inputRequests, requestState = '' } = resultOf(await call({}));
      asked();
      await spoken;
      const [key = ''] = Object.keys(inputRequests as JsonObject);
      const { text } = await call({ inputResponses: { [key]: { roots: [] } }, requestState });
      const told = [...text.matchAll(/"progress":(\d)/g)].map(([, progress]) => progress);
      expect(told).to.deep.equal(['2', '3']);
    } finally {
      await gateway.stop();
    }
  });

  it('asks no client what it did not say that it answers [MCP-60]', async () => {
    const gateway = await startGateway({ tools: [REQUIRES, ASKS] });
    try {
      const refused = await modern(gateway, 'tools/call', { name: 'requires' }, { capabilities: { sampling: {} } });
      const legacy = await connectLegacy(gateway, { capabilities: {} });
      const called = await legacy.call('tools/call', { name: 'requires' });
      const asks = await legacy.call('tools/call', { name: 'asks' });
      expect([
        refused.status,
        refused.body.error,
        (called.body.error as { code: number }).code,
        (asks.body.error as { message: string }).message,
      ]).to.deep.equal([
        400,
        {
          code: -32021,
          message: 'this request asks back what the client cannot answer: elicitation',
          data: { requiredCapabilities: { elicitation: {} } },
        },
        -32021,
        'Invalid Request: the client does not answer elicitation/create',
      ]);
    } finally {
      await gateway.stop();
    }
  });

  it('asks a client to open a URL only when it said that it does [MCP-60]', async () => {
    const question = { mode: 'url', message: 'Sign in', url: 'https://example.com/', elicitationId: 'e' };
    const tool: TestTool = {
      name: 'opens',
      call: () => ({
        kind: 'input_required',
        inputRequests: { visit: { method: 'elicitation/create', params: question } },
      }),
    };
    const gateway = await startGateway({ tools: [tool] });
    try {
      const call = async (elicitation: JsonObject) => {
        const { body } = await modern(gateway, 'tools/call', { name: 'opens' }, { capabilities: { elicitation } });
        return (body.error as { data?: unknown } | undefined)?.data ?? (body.result as JsonObject).resultType;
      };
      const missing = { requiredCapabilities: { elicitation: { url: {} } } };
      expect([await call({}), await call({ form: {} }), await call({ url: {} })]).to.deep.equal([
        missing,
        missing,
        'input_required',
      ]);
    } finally {
      await gateway.stop();
    }
  });

  it('bounds the calls that wait for clients, and gives those up that are not answered in time [MCP-61]', async () => {
    const gateway = await startGateway({ tools: [ASKS], limits: { heldCallsOfPrincipal: 2, stateTtlMs: 2_000 } });
    try {
      const call = () => modern(gateway, 'tools/call', { name: 'asks' }, { capabilities: CAN });
      const held = [resultOf(await call()), resultOf(await call())];
      const third = await call();
      const full = gateway.status().heldCalls;
      await eventually('both are given up', () => gateway.status().heldCalls === 0);
      const [{ requestState = '' } = {}] = held;
      const late = await modern(gateway, 'tools/call', { name: 'asks', requestState }, { capabilities: CAN });
      expect([
        full,
        (third.body.error as { data: { limit: unknown } }).data.limit,
        gateway.status().heldCalls,
        (late.body.error as { code: number }).code,
      ]).to.deep.equal([2, { name: 'downstream.heldCallsOfPrincipal', value: 2 }, 0, -32602]);
    } finally {
      await gateway.stop();
    }
  });
});
