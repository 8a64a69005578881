import { expect } from 'chai';
import { callBy, failure } from '../support/core.js';
import { tool, toolWorld } from './tool-world.js';

describe('tool.list, tool.get and tool.search', () => {
  it('page what the caller may see by name, in entries and bytes [TOOL-23]', async () => {
    const core = await toolWorld({ limits: { tools: { pageBytes: 200 } } });
    const handle = core.provider('mcp/one');
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    await handle.set(names.map((name) => tool(name)));
    const pages: string[][] = [];
    for (let cursor: string | undefined, more = true; more;) {
      const page = await core.handlers.toolList({ limit: 4, ...(cursor === undefined ? {} : { cursor }) }, core.by);
      pages.push(page.entries.map(({ name }) => name));
      // What goes meanwhile shifts nothing.
      if (pages.length === 1) await handle.set(names.filter((name) => name !== 'a').map((name) => tool(name)));
      cursor = page.cursor;
      more = cursor !== undefined;
    }
    const wrong = await failure(() => core.handlers.toolList({ cursor: 'eA' }, core.by));
    expect([pages.flat(), pages.every((page) => page.length <= 4), wrong.name]).to.deep.equal([
      names,
      true,
      'invalid_params',
    ]);
    await core.stop();
  });

  it('tell nothing of a tool that the caller may not see, as if there were none [TOOL-24]', async () => {
    const core = await toolWorld({ tools: { grants: [{ principals: ['ada'], tools: ['open*'] }] } });
    await core
      .provider('mcp/one')
      .set([
        tool('open', { description: 'For everybody.' }),
        tool('secret', { description: 'For everybody who knows.', inputSchema: { type: 'object', title: 'hidden' } }),
      ]);
    const ada = callBy(core.connect('ada'));
    const at = '2027-01-01T00:00:00.000Z';
    const about = async (name: string) => [
      await failure(() => core.handlers.toolGet({ name }, ada)),
      await failure(() => core.handlers.toolDeprecate({ name, at }, ada)),
      await failure(() => core.handlers.toolRemove({ name }, ada)),
      await failure(() => core.services.tools.call(ada.principal, { name, arguments: {} })),
    ];
    const answers = [
      await core.handlers.toolList({}, ada),
      await core.handlers.toolList({ provider: 'mcp/one' }, ada),
      await core.handlers.toolSearch({ query: 'everybody secret hidden' }, ada),
      await about('secret'),
    ];
    expect(answers.map((answer) => JSON.stringify(answer).replaceAll('tool/secret', '')).join()).not.to.match(
      /secret|hidden/,
    );
    expect(JSON.stringify(await about('secret')).replaceAll('secret', 'absent')).to.equal(
      JSON.stringify(await about('absent')),
    );
    await core.stop();
  });

  it('find by words, those first whose name has them and that few others have [TOOL-25]', async () => {
    const core = await toolWorld();
    await core
      .provider('mcp/one')
      .set([
        tool('github__createIssue', { description: 'Creates an issue in a repository.' }),
        tool('github__list_repositories', { description: 'Lists repositories.' }),
        tool('jira__create', { title: 'Create an issue', description: 'Creates a ticket.' }),
        tool('files__read', { description: 'Reads a file of a repository.' }),
      ]);
    const found = async (query: string, limit?: number) =>
      (await core.handlers.toolSearch({ query, ...(limit === undefined ? {} : { limit }) }, core.by)).entries.map(
        ({ name }) => name,
      );
    expect([
      await found('create issue'),
      await found('repo'),
      await found('files__read', 1),
      await found('zebra'),
    ]).to.deep.equal([
      ['github__createIssue', 'jira__create'],
      ['github__list_repositories', 'files__read', 'github__createIssue'],
      ['files__read'],
      [],
    ]);
    await core.stop();
  });
});
