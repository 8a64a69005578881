import { expect } from 'chai';
import { answerOf, besideDaemon, errorOf } from '../support/beside-daemon.js';
import { followedLines } from '../support/followed-lines.js';

describe('orchestrator state', () => {
  it('writes fields, also only at a revision, and shows them with their history [CLI-32]', async () => {
    await besideDaemon(async (cli) => {
      expect((await cli('state', 'get', 'echo')).stdout).to.match(/^echo {2}revision 0\n\nno fields\n$/);
      expect((await cli('state', 'put', 'echo', 'mood', '"calm"')).stdout).to.match(/^written {2}revision \d+\n$/);
      expect((await cli('state', 'put', 'echo', 'name', '--text', 'Ada', '--revision', '0')).code).to.equal(0);
      const again = cli('state', 'put', 'echo', 'name', '--text', 'Bob', '--revision', '0', '--json');
      expect(await errorOf(again)).to.deep.equal({ code: 8, stdout: '', name: 'conflict' });
      const document = (await answerOf(cli('state', 'get', 'echo', 'mood', '--json'))) as {
        fields: Record<string, { value: unknown }>;
      };
      expect(Object.entries(document.fields).map(([name, { value }]) => [name, value])).to.deep.equal([
        ['mood', 'calm'],
      ]);
      expect((await cli('state', 'get', 'echo')).stdout).to.match(/\nmood +"calm" +\d+ +last-write +admin +/);
      expect((await cli('state', 'history', 'echo', 'mood')).stdout).to.match(
        /^REVISION +FIELD +WRITE +OUTCOME +BY +WHEN\n +\d+ +mood +\{"value":"calm"\} +written +admin +/,
      );
    });
  });

  it('patches several fields or parts of one, by either kind of patch, of an agent or a context [CLI-61]', async () => {
    await besideDaemon(async (cli) => {
      expect((await cli('state', 'patch', 'echo', '{"mood": "calm", "plan": {"next": "Ulm"}}')).stdout).to.match(
        /^changed mood, plan {2}revision \d+\n$/,
      );
      const operations = [
        { op: 'test', path: '/next', value: 'Ulm' },
        { op: 'add', path: '/then', value: 'Bern' },
      ];
      const patch = ['state', 'patch', 'echo', JSON.stringify(operations), '--field', 'plan'];
      expect(await answerOf(cli(...patch, '--json'))).to.deep.include({ changed: ['plan'] });
      const early = cli(...patch, '--revision', '1', '--json');
      expect(await errorOf(early)).to.deep.equal({ code: 8, stdout: '', name: 'conflict' });
      expect((await cli('state', 'patch', 'echo', '{}')).stdout).to.match(/^nothing to change {2}revision \d+\n$/);
      await cli('contexts', 'create', 'planning');
      await cli('state', 'patch', 'planning', '{"plan": ["go"]}', '--context');
      await cli('state', 'put', 'planning', 'mood', '"calm"', '--context');
      expect((await cli('state', 'get', 'planning', '--context')).stdout).to.match(
        /^planning {2}revision 2\n\n.*\nplan +\["go"\] .*\nmood +"calm" /,
      );
      expect((await cli('state', 'history', 'planning', '--context')).stdout).to.match(
        / 1 +plan +\{"value":\["go"\]\}/,
      );
    });
  });

  it('follows the writes to a document, from where an earlier run stopped [CLI-62]', async () => {
    await besideDaemon(async (cli, env) => {
      const some = (lines: readonly string[]): boolean => lines.length > 0;
      const meanwhile = async (seen: () => boolean): Promise<void> => {
        // Following begins at a moment of its own.
        for (let i = 0; !seen() && i < 30; i++) await cli('state', 'put', 'echo', 'n', String(i));
      };
      const { lines, code, stderr } = await followedLines(['state', 'watch', 'echo'], some, env, meanwhile);
      expect(code, stderr).to.equal(130);
      expect(lines[0]).to.match(/^[\d:]{8} {2}\d+ {2}n {2}\{"value":\d+\} {2}written {2}admin$/);
      const after = /--after (\S+)/.exec(stderr)?.[1] ?? '';
      await cli('state', 'put', 'echo', 'last', '"one"');
      const rest = await followedLines(
        ['state', 'watch', 'echo', '--after', after, '--json'],
        (all) => all.some((line) => line.includes('last')),
        env,
      );
      expect(JSON.parse(rest.lines.at(-1) ?? '')).to.deep.include({ field: 'last', operation: { value: 'one' } });
    });
  });
});
