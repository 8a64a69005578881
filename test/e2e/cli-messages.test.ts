import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { answerOf, besideDaemon, errorOf, type Cli } from '../support/beside-daemon.js';
import type { DevDaemon } from '../support/dev-daemon.js';

/** An agent of the caller's own, which is away until it takes its messages. */
async function registered(cli: Cli): Promise<void> {
  const card = { name: 'Clerk', version: '1.0.0', skills: [{ id: 'file' }] };
  await answerOf(cli('call', 'agent.register', JSON.stringify({ agentId: 'clerk', card })));
}

/** Takes the messages of the agent: those with `bad` in them are handed back for good. */
async function handling(dev: DevDaemon, use: () => Promise<void>): Promise<void> {
  const token = (await readFile(`${dev.ready.dataDirectory}/admin.key`, 'utf8')).trim();
  const client = await connect({ url: dev.ready.url, token });
  try {
    client.handle('message.handle', async ({ message, payload }) => {
      const named = { messageId: message.id, deliveryId: message.deliveryId };
      if (payload === 'bad') await client.call('message.nack', { ...named, final: true, reason: 'I will not' });
      return null;
    });
    const card = { name: 'Clerk', version: '1.0.0', skills: [{ id: 'file' }] };
    await client.call('agent.register', { agentId: 'clerk', card });
    await client.call('inbox.open', { agentId: 'clerk' });
    await use();
  } finally {
    await client.close();
  }
}

describe('orchestrator send, messages and inbox', () => {
  it('leaves messages, shows the inbox, and says what became of them [CLI-33]', async () => {
    await besideDaemon(async (cli, _env, dev) => {
      await registered(cli);
      const sent = await cli('send', 'clerk', '{"page": 1}', '--type', 'page', '--priority', '9');
      expect({ code: sent.code, stderr: sent.stderr }).to.deep.equal({
        code: 0,
        stderr: 'in the inbox of clerk; "orchestrator messages receipt" says what becomes of it\n',
      });
      const messageId = sent.stdout.trim();
      expect((await cli('inbox', 'clerk')).stdout).to.match(/^agent +clerk\nmessages +1 of [\d,]+\nin flight +0\n/);
      const waiting = await cli('messages', 'receipt', messageId);
      expect(waiting.stdout).to.match(new RegExp(`^${messageId}  pending\\n\\nagent +clerk\\nattempts +0\\n`));
      await handling(dev, async () => {
        const good = await cli('send', '--skill', 'file', '"good"', '--wait');
        expect(good.code, good.stderr).to.equal(0);
        expect(good.stdout).to.match(/^[\d:]{8} {2}[0-9a-f-]{36} {2}handled {2}clerk {2}/);
        const bad = await cli('send', 'clerk', '"bad"', '--wait');
        expect(bad.code).to.equal(8);
        expect(bad.stderr).to.contain('The message was not handled: failed.').and.to.contain('I will not');
      });
      const settled = (await answerOf(cli('messages', 'receipt', messageId, '--json'))) as { outcome: string };
      expect(settled.outcome).to.equal('handled');
      const unknown = '018f0000-0000-7000-8000-000000000000';
      expect(await errorOf(cli('messages', 'receipt', unknown, '--json'))).to.deep.equal({
        code: 7,
        stdout: '',
        name: 'not_found',
      });
      expect(await errorOf(cli('send', 'nobody', '1', '--json'))).to.deep.equal({
        code: 7,
        stdout: '',
        name: 'agent_not_found',
      });
    });
  });
});
