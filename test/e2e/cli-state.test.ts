import { expect } from 'chai';
import { answerOf, besideDaemon, errorOf } from '../support/beside-daemon.js';

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
});
