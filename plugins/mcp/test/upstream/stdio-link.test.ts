import type { ProgramSpec, Supervisor } from '@ai-orchestrator/core/plugin';
import { expect } from 'chai';
import { StdioLink, type StdioLinkSurroundings } from '../../src/upstream/stdio-link.js';

describe('a link to a child process', () => {
  it('that is stopped before its program was started starts none [MCP-30]', async () => {
    const started: ProgramSpec[] = [];
    const supervisor: Pick<Supervisor, 'start'> = {
      start: (spec) => {
        started.push(spec);
        throw new Error('nothing is to be started');
      },
    };
    let give: (spec: ProgramSpec) => void = () => undefined;
    const spec = new Promise<ProgramSpec>((resolve) => (give = resolve));
    const link = new StdioLink(() => spec, { supervisor } as unknown as StdioLinkSurroundings);
    const starting = link.start({ up: () => undefined, down: () => Promise.resolve() });
    await link.stop();
    give({} as ProgramSpec);
    await starting;
    expect(started).to.deep.equal([]);
  });
});
