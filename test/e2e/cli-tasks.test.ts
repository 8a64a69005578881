import { expect } from 'chai';
import { answerOf, besideDaemon, errorOf, type Cli } from '../support/beside-daemon.js';

interface Pulled {
  readonly tasks: readonly {
    readonly task: { readonly taskId: string; readonly epoch: number };
    readonly input: unknown;
  }[];
}

/** An agent of the caller's own that takes tasks by calls alone. */
async function registered(cli: Cli): Promise<void> {
  const card = { name: 'Worker', version: '1.0.0', skills: [{ id: 'sum', name: 'Sum' }] };
  await answerOf(cli('call', 'agent.register', JSON.stringify({ agentId: 'worker', card })));
}

async function pulled(cli: Cli): Promise<{ taskId: string; epoch: number; input: unknown }> {
  const params = JSON.stringify({ agentId: 'worker', waitMs: 20_000 });
  const { tasks } = (await answerOf(cli('call', 'task.pull', params))) as Pulled;
  const [first] = tasks;
  if (first === undefined) throw new Error('nothing to pull');
  return { ...first.task, input: first.input };
}

describe('orchestrator tasks', () => {
  it('submits a task, shows and watches it, and cancels another [CLI-31]', async () => {
    await besideDaemon(async (cli) => {
      await registered(cli);
      const submitted = await cli('tasks', 'submit', 'worker', '{"a": 1}', '--title', 'Add up');
      const taskId = submitted.stdout.trim();
      expect((await cli('tasks', 'explain', taskId)).stdout).to.match(
        new RegExp(
          `^${taskId}  submitted\\n\\nwaits for +an agent that takes it\\nuntil +in (?:24 h|1 d)\\nattempts +0 of 3\\n` +
            'in line +1, this one among them\\n\\nAGENT +FITS +LOAD +WHY\\nworker +no +0  it is not connected\\n$',
        ),
      );
      const { epoch, input } = await pulled(cli);
      expect(input).to.deep.equal({ a: 1 });
      await answerOf(cli('call', 'task.complete', JSON.stringify({ taskId, epoch, output: [2] })));
      const shown = await cli('tasks', 'show', taskId);
      expect(shown.stdout).to.match(/^[0-9a-f-]{36} {2}completed {2}Add up\n/);
      expect(shown.stdout).to.contain('\ninput\n{"a":1}\n').and.to.contain('\noutput\n[2]\n');
      const watched = (await cli('tasks', 'watch', taskId, '--json')).stdout.trimEnd().split('\n');
      expect(watched.map((line) => (JSON.parse(line) as { state: string }).state)).to.deep.equal([
        'submitted',
        'working',
        'completed',
      ]);
      const second = (await cli('tasks', 'submit', '--skill', 'sum', '1')).stdout.trim();
      expect((await cli('tasks', 'cancel', second, '--reason', 'enough')).stdout).to.equal(`${second}  canceled\n`);
      expect((await cli('tasks', 'list', '--mine')).stdout).to.match(
        new RegExp(`^TASK .*\\n${second}  canceled .*\\n${taskId}  completed  worker +Add up `),
      );
      const unknown = '018f0000-0000-7000-8000-000000000000';
      expect(await errorOf(cli('tasks', 'show', unknown, '--json'))).to.deep.equal({
        code: 7,
        stdout: '',
        name: 'task_not_found',
      });
    });
  });

  it('lists what a task left, and prints it as it is [CLI-88]', async () => {
    await besideDaemon(async (cli) => {
      await registered(cli);
      const taskId = (await cli('tasks', 'submit', 'worker', '1')).stdout.trim();
      const { epoch } = await pulled(cli);
      const leave = async (artifactId: string, encoding: string, data: string, chunk: number, last: boolean) =>
        answerOf(
          cli('call', 'task.artifact', JSON.stringify({ taskId, epoch, artifactId, encoding, data, chunk, last })),
        );
      await leave('notes', 'text', 'one\n', 0, false);
      await leave('notes', 'text', 'two\n', 1, true);
      await leave('picture', 'base64', Buffer.from([0, 255, 1]).toString('base64'), 0, true);
      expect((await cli('tasks', 'show', taskId)).stdout).to.match(
        /\nARTIFACT +VERSION +STORED +KIND\nnotes +1 +14 B +text\npicture +1 +6 B +bytes\n$/,
      );
      expect((await cli('tasks', 'artifact', taskId, 'notes')).stdout).to.equal('one\ntwo\n');
      expect(await answerOf(cli('tasks', 'artifact', taskId, 'picture', '--json'))).to.deep.equal({
        artifactId: 'picture',
        base64: 'AP8B',
      });
      const missing = await cli('tasks', 'artifact', taskId, 'note');
      expect([missing.code, missing.stderr]).to.deep.equal([
        7,
        'error: Not found: the task has no artifact note (not_found)\nhint:  "orchestrator tasks list" shows them; "orchestrator tasks show TASK" what one asked and left.\n',
      ]);
    });
  });

  it('answers what a task asks for [CLI-31]', async () => {
    await besideDaemon(async (cli) => {
      await registered(cli);
      const taskId = (await cli('tasks', 'submit', 'worker', '1')).stdout.trim();
      expect((await cli('tasks', 'respond', taskId, 'true')).code).to.equal(8);
      const { epoch } = await pulled(cli);
      const asked = { taskId, epoch, kind: 'input', prompt: 'May I?' };
      const { inputId } = (await answerOf(cli('call', 'task.needInput', JSON.stringify(asked)))) as { inputId: string };
      expect((await cli('tasks', 'show', taskId)).stdout).to.contain(`waits for input ${inputId}\n"May I?"\n`);
      expect((await cli('tasks', 'respond', taskId, 'true')).stdout).to.contain(`${taskId}  working  worker`);
    });
  });

  it('waits for the output, and ends with another code when the task failed [CLI-31]', async () => {
    await besideDaemon(async (cli) => {
      await registered(cli);
      const good = cli('tasks', 'submit', '--skill', 'sum', '2', '--wait');
      const first = await pulled(cli);
      const { taskId, epoch } = first;
      await answerOf(cli('call', 'task.complete', JSON.stringify({ taskId, epoch, output: 4 })));
      const { code, stdout } = await good;
      expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '4\n' });
      const bad = cli('tasks', 'submit', 'worker', '3', '--wait', '--attempts', '1');
      const second = await pulled(cli);
      const error = { name: 'too_odd', message: '3 is odd' };
      await answerOf(cli('call', 'task.fail', JSON.stringify({ taskId: second.taskId, epoch: second.epoch, error })));
      const failed = await bad;
      expect(failed.code).to.equal(8);
      expect(failed.stderr).to.contain('The task ended: failed.').and.to.contain('3 is odd');
    });
  });
});
