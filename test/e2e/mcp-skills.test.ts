import { expect } from 'chai';
import { connect } from '@ai-orchestrator/protocol/client';
import { startTestDaemon } from '../support/daemon.js';
import { keyFor, McpClient, untilListed } from '../support/mcp-client.js';

describe('skills of agents as tools', () => {
  it('are listed with their schemas and called by those they are granted to; the agent answers [MCP-71]', async () => {
    const daemon = await startTestDaemon({
      config: {
        plugins: { mcp: { config: { skills: 100 } } },
        tools: { grants: [{ principals: ['ada'], providers: ['skills'] }] },
      },
    });
    const input = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] };
    try {
      const worker = await connect({ url: daemon.url, token: await keyFor(daemon, 'worker') });
      await worker.agent({
        agentId: 'counter',
        card: { name: 'Counter', version: '2.1.0' },
        skills: {
          double: { description: 'Doubles a.', input, handler: (payload) => ({ b: 2 * (payload as { a: number }).a }) },
          shout: { handler: (payload) => String(payload).toUpperCase() },
        },
      });
      const ada = new McpClient(daemon.httpUrl, await keyFor(daemon, 'ada'));
      const eve = new McpClient(daemon.httpUrl, await keyFor(daemon, 'eve'));
      await untilListed(ada, 'agent__double');
      const listed = (await ada.modern(1, 'tools/list')).body.result as { tools: unknown };
      const call = async (name: string, given: object) => {
        const { content, structuredContent, isError } = (await ada.modern(1, 'tools/call', { name, arguments: given }))
          .body.result as { content: { text: string }[]; structuredContent?: unknown; isError?: boolean };
        return isError === true ? 'wrong arguments' : [content[0]?.text, structuredContent];
      };
      const hidden = await eve.modern(1, 'tools/list');
      const answers = [
        await call('agent__double', { a: 21 }),
        await call('agent__double', { a: 'x' }),
        await call('agent__shout', { input: 'hey' }),
      ];
      for (const client of [ada, eve]) client.close();
      await worker.close();
      expect([listed.tools, answers, hidden.text.includes('agent__')]).to.deep.equal([
        [
          { name: 'agent__double', description: 'Doubles a.', inputSchema: input },
          {
            name: 'agent__shout',
            inputSchema: { type: 'object', properties: { input: {} }, additionalProperties: false },
          },
        ],
        [['{"b":42}', { b: 42 }], 'wrong arguments', ['HEY', undefined]],
        false,
      ]);
    } finally {
      await daemon.stop();
    }
  });
});
