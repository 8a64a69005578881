import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answerOf, besideDaemon, errorOf } from '../support/beside-daemon.js';
import { BINARY } from '../support/command-line.js';

describe('orchestrator contexts', () => {
  it('begins a conversation, says something in it, shows and reads it [CLI-30]', async () => {
    await besideDaemon(async (cli) => {
      const created = ['contexts', 'create', 'planning', '--title', 'Plans', '--with', 'echo', '--with', 'greeter'];
      expect((await cli(...created)).stdout).to.equal('planning\n');
      expect((await cli('contexts', 'append', 'planning', '--text', 'Where do we begin?')).stdout).to.equal(
        'entry 1\n',
      );
      expect((await cli('contexts', 'append', 'planning', '{"votes": 3}', '--type', 'poll')).stdout).to.equal(
        'entry 2\n',
      );
      expect((await cli('contexts', 'list')).stdout).to.match(
        /^CONTEXT +STATE +TITLE +TURNS +PARTICIPANTS +CHANGED\nplanning +open +Plans +free +3 +/,
      );
      expect((await cli('contexts', 'show', 'planning')).stdout).to.match(/\ngreeter +member +program\/greeter/);
      expect((await cli('contexts', 'read', 'planning')).stdout).to.match(
        /^ {3}1 {2}[\d:]{8} {2}admin {2}Where do we begin\?\n {3}2 {2}[\d:]{8} {2}admin {2}poll {2}\{"votes":3\}\n$/,
      );
      const last = (await answerOf(cli('contexts', 'read', 'planning', '-n', '1', '--json'))) as {
        entries: { payload: unknown }[];
      };
      expect(last.entries.map(({ payload }) => payload)).to.deep.equal([{ votes: 3 }]);
      expect(await errorOf(cli('contexts', 'read', 'nothing', '--json'))).to.deep.equal({
        code: 7,
        stdout: '',
        name: 'not_found',
      });
    });
  });

  it('exports a conversation as JSON Lines, and erases it only when told twice [CLI-30]', async () => {
    await besideDaemon(async (cli, { HOME }) => {
      await cli('contexts', 'create', 'planning');
      await cli('contexts', 'append', 'planning', '--text', 'a secret');
      const { stdout } = await cli('contexts', 'export', 'planning');
      const kinds = stdout
        .trimEnd()
        .split('\n')
        .map((line) => Object.keys(JSON.parse(line) as object)[0]);
      expect(kinds).to.deep.equal(['context', 'entry']);
      const file = join(HOME ?? '', 'planning.jsonl');
      expect((await cli('contexts', 'export', 'planning', '--out', file)).stdout).to.equal(`2 lines in ${file}\n`);
      expect(await readFile(file, 'utf8')).to.equal(stdout);
      expect((await cli('contexts', 'erase', 'planning')).code).to.equal(2);
      expect((await cli('contexts', 'erase', 'planning', '--yes')).stdout).to.match(/^erased: entries 1, messages 0/);
      expect((await cli('contexts', 'read', 'planning')).stdout).to.not.contain('a secret');
    });
  });

  it('follows a conversation, and says on Ctrl-C where to go on [CLI-30]', async () => {
    await besideDaemon(async (cli, env) => {
      await cli('contexts', 'create', 'planning');
      await cli('contexts', 'append', 'planning', '1');
      const child = spawn(process.execPath, [BINARY, 'contexts', 'read', 'planning', '--follow', '--json'], {
        env: { PATH: process.env.PATH, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let told = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      let shown = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
      // Said until it is seen: the command may still be connecting.
      for (let said = 2; shown === '' && said < 100; said += 1) {
        await cli('contexts', 'append', 'planning', String(said));
      }
      const [first = ''] = shown.split('\n');
      expect((JSON.parse(first) as { payload: number }).payload).to.be.greaterThan(1);
      child.kill('SIGINT');
      expect(await ended).to.equal(130);
      expect(told).to.contain('--after');
    });
  });

  it('sends a message to all who speak in a conversation, and waits for each [CLI-60]', async () => {
    await besideDaemon(async (cli) => {
      await cli('contexts', 'create', 'planning', '--with', 'echo', '--with', 'greeter');
      const sent = await cli('send', '--context', 'planning', '"we begin at nine"', '--priority', '9');
      expect(sent.stdout).to.match(/^[0-9a-f-]{36}\n[0-9a-f-]{36}\n$/);
      expect(sent.stderr).to.equal(
        'in the inboxes of echo, greeter; "orchestrator messages receipt" says what becomes of each\n',
      );
      const waited = await cli('send', 'echo', '"and you alone"', '--context', 'planning', '--wait');
      expect(waited.stdout).to.match(/ handled {2}echo {2}/);
      const { receipts } = (await answerOf(
        cli('send', '--context', 'planning', '{"name": "Ada"}', '--wait', '--json'),
      )) as {
        receipts: { agent: string }[];
      };
      expect(receipts.map(({ agent }) => agent)).to.deep.equal(['echo', 'greeter']);
      const { entries } = (await answerOf(cli('contexts', 'read', 'planning', '--json'))) as {
        entries: { type: string }[];
      };
      expect(entries.filter(({ type }) => type === 'messageSent').length).to.equal(3);
      expect((await cli('contexts', 'read', 'planning')).stdout).to.match(
        /admin {2}messageSent {2}to echo, greeter {2}we begin at nine\n/,
      );
      expect((await cli('send', '--context', 'planning')).code).to.equal(2);
    });
  });
});
