import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { answerOf, besideDaemon, errorOf } from '../support/beside-daemon.js';
import type { DevDaemon } from '../support/dev-daemon.js';
import { followedLines } from '../support/followed-lines.js';

/** A desk that has orders built, once it has refused each; a builder that has parts cut. */
async function workshop(dev: DevDaemon, use: () => Promise<void>): Promise<void> {
  const token = (await readFile(`${dev.ready.dataDirectory}/admin.key`, 'utf8')).trim();
  const client = await connect({ url: dev.ready.url, token, onError: () => undefined });
  try {
    await client.agent({
      agentId: 'desk',
      card: { name: 'Desk', version: '1.0.0' },
      messages: {
        order: {
          handler: async (what, work) => {
            if (work.envelope.attempt === 1) throw new Error('come back later');
            await work.submit({ skill: 'build' }, what);
          },
        },
      },
    });
    await client.agent({
      agentId: 'builder',
      card: { name: 'Builder', version: '1.0.0' },
      skills: {
        build: {
          handler: async (what, work) => {
            if (work.kind !== 'task') throw new Error('it is no task');
            const part = await work.submit({ skill: 'cut' }, 'a leg');
            await part.result;
            return what;
          },
        },
      },
    });
    await client.agent({
      agentId: 'cutter',
      card: { name: 'Cutter', version: '1.0.0' },
      skills: { cut: { handler: (what) => what } },
    });
    await use();
  } finally {
    await client.close();
  }
}

/** A tree without its times and ids. */
function shape(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(10).replace(/ {2}(?:\d+ ms|[\d.]+ s|[0-9a-f-]{36})/g, ''));
}

const TREE = [
  'message order → desk  handled',
  '├─ delivery 1  failed (error)',
  '├─ delivery 2  handled',
  '└─ task build → builder  completed',
  '   ├─ assigned to builder',
  '   ├─ task cut → cutter  completed',
  '   │  ├─ assigned to cutter',
  '   │  └─ ended  completed',
  '   └─ ended  completed',
];

describe('orchestrator timeline', () => {
  it('draws what a message led to as a tree of causes, also of a task of it, and follows it [CLI-36]', async () => {
    await besideDaemon(async (cli, env, dev) => {
      await workshop(dev, async () => {
        const orderId = (await cli('send', 'desk', '"a chair"', '--type', 'order')).stdout.trim();
        const built = (line: string): boolean => {
          const { details, outcome } = JSON.parse(line) as { details?: { skill?: string }; outcome?: string };
          return details?.skill === 'build' && outcome === 'completed';
        };
        const argv = ['timeline', orderId, '--follow', '--json'];
        const { code, lines } = await followedLines(argv, (all) => all.some(built), env);
        expect({ code, first: (JSON.parse(lines[0] ?? '') as { id: string }).id }).to.deep.equal({
          code: 130,
          first: `message/${orderId}`,
        });
        expect(shape((await cli('timeline', orderId)).stdout)).to.deep.equal(TREE);
        const { entries } = (await answerOf(cli('timeline', orderId, '--json'))) as { entries: { id: string }[] };
        const taskId = entries.find(({ id }) => /^task\/[^/]+$/.test(id))?.id.slice('task/'.length) ?? '';
        expect(shape((await cli('timeline', taskId)).stdout)).to.deep.equal(TREE.slice(3).map((line) => line.slice(3)));
        const unknown = '018f0000-0000-7000-8000-000000000000';
        expect(await errorOf(cli('timeline', unknown, '--json'))).to.deep.equal({
          code: 7,
          stdout: '',
          name: 'not_found',
        });
      });
    });
  });
});
