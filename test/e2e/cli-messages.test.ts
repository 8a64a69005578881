import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { answerOf, besideDaemon, errorOf, type Cli } from '../support/beside-daemon.js';
import { followedLines } from '../support/followed-lines.js';
import type { DevDaemon } from '../support/dev-daemon.js';

/** An agent of the caller's own, which is away until it takes its messages. */
async function registered(cli: Cli): Promise<void> {
  const card = { name: 'Clerk', version: '1.0.0', skills: [{ id: 'file' }] };
  await answerOf(cli('call', 'agent.register', JSON.stringify({ agentId: 'clerk', card })));
}

const some = (lines: readonly string[]): boolean => lines.length > 0;

/** Takes the messages of the agent: those with `bad` in them are handed back for good. */
async function handling(dev: DevDaemon, use: () => Promise<void>): Promise<void> {
  const token = (await readFile(`${dev.ready.dataDirectory}/admin.key`, 'utf8')).trim();
  const client = await connect({ url: dev.ready.url, token });
  try {
    client.handle('message.handle', async ({ message, payload }) => {
      const named = { messageId: message.id, deliveryId: message.deliveryId };
      if (payload === 'late') await client.call('message.nack', { ...named, reason: 'too late' });
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
      expect((await cli('inbox', 'show', 'clerk')).stdout).to.match(
        /^agent +clerk\nmessages +1 of [\d,]+\nin flight +0\n/,
      );
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

  it('shows what waits, says who would get a message, and follows what becomes of it [CLI-34]', async () => {
    await besideDaemon(async (cli, env, dev) => {
      await registered(cli);
      const first = (await cli('send', 'clerk', '1', '--type', 'page')).stdout.trim();
      const second = (await cli('send', 'clerk', '2', '--priority', '9')).stdout.trim();
      expect((await cli('inbox', 'list', 'clerk')).stdout).to.match(
        new RegExp(`^MESSAGE +STATE .*\\n${second}  queued  message +0  .*\\n${first}  queued  page +0  .*\\n$`),
      );
      expect((await cli('messages', 'explain', '--skill', 'file')).stdout).to.equal(
        [
          'clerk  nobody is there, and it has the least to do',
          '',
          'AGENT  FITS  LOAD  WHY',
          'clerk  yes      2  it is not connected: what it is sent waits\n',
        ].join('\n'),
      );
      expect((await cli('messages', 'explain', '--skill', 'file', '--skill-version', '^2.0.0')).stdout).to.match(
        /^nobody would get it\n\n.*\nclerk {2}no {7}2 {2}no version of the skill is in \^2\.0\.0; /,
      );
      await handling(dev, async () => {
        const meanwhile = async (seen: () => boolean) => {
          // Its subscription begins at a moment of its own.
          for (let i = 0; !seen() && i < 30; i++) await cli('send', 'clerk', i === 0 ? '"bad"' : '1', '--wait');
        };
        const { lines, code, stderr } = await followedLines(['messages', 'watch'], some, env, meanwhile);
        expect(code, stderr).to.equal(130);
        expect(lines[0]).to.match(/^[\d:]{8} {2}[0-9a-f-]{36} {2}(failed|handled) {2}clerk {2}/);
        const after = /--after (\S+)/.exec(stderr)?.[1] ?? '';
        await cli('send', 'clerk', '3', '--wait');
        const rest = await followedLines(['messages', 'watch', '--after', after, '--json'], some, env);
        expect(JSON.parse(rest.lines[0] ?? '')).to.include({ agent: 'clerk', state: 'settled' });
      });
    });
  });

  it('lists, shows, redelivers and discards dead letters [CLI-35]', async () => {
    await besideDaemon(async (cli, _env, dev) => {
      expect((await cli('dead-letters', 'list')).stdout).to.equal('no dead letters\n');
      await handling(dev, async () => {
        for (let i = 0; i < 2; i++) {
          expect((await cli('send', 'clerk', '"late"', '--wait', '--attempts', '1')).code).to.equal(8);
        }
        const listed = await cli('dead-letters', 'list', '--agent', 'clerk');
        expect(listed.stdout).to.match(
          /^ID +KIND +AGENT +TYPE +SINCE\n([0-9a-f-]{36} {2}message {2}clerk {2}message +.*\n){2}$/,
        );
        const page = (await answerOf(cli('dead-letters', 'list', '--json'))) as { entries: { id: string }[] };
        const [first = '', second = ''] = page.entries.map(({ id }) => id);
        const shown = (await cli('dead-letters', 'show', first)).stdout;
        expect(shown).to.match(new RegExp(`^${first}  message\\n\\nagent +clerk\\nfrom +admin\\n`));
        expect(shown).to.contain('\npayload\n"late"\n');
        const again = (await cli('dead-letters', 'redeliver', first)).stdout.trim();
        expect(await answerOf(cli('messages', 'receipt', again, '--json'))).to.include({ agent: 'clerk' });
        expect((await cli('dead-letters', 'discard', second)).stdout).to.equal(`${second}  discarded\n`);
        expect(await errorOf(cli('dead-letters', 'show', second, '--json'))).to.deep.equal({
          code: 7,
          stdout: '',
          name: 'not_found',
        });
      });
    });
  });
});
