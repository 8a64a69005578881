import { expect } from 'chai';
import { CommandFailure } from '../../src/cli/command-failure.js';
import { Output } from '../../src/cli/output.js';

function streams() {
  const written = { stdout: '', stderr: '' };
  return {
    written,
    stdout: { write: (text: string) => ((written.stdout += text), true) },
    stderr: { write: (text: string) => ((written.stderr += text), true) },
  };
}

const failure = new CommandFailure('not_found', 'No such agent', 'List them.', { name: 'agent_not_found', code: 1100 });

describe('Output', () => {
  it('writes an answer as text', () => {
    const { written, stdout, stderr } = streams();
    new Output([], {}, stdout, stderr).answer({ a: 1 }, () => 'one');
    expect(written).to.deep.equal({ stdout: 'one\n', stderr: '' });
  });

  it('writes an answer as one JSON document with --json, without making the text', () => {
    const { written, stdout, stderr } = streams();
    new Output(['--json'], {}, stdout, stderr).answer({ a: [1] }, () => expect.fail('text'));
    expect(written).to.deep.equal({ stdout: '{"a":[1]}\n', stderr: '' });
  });

  it('hands on content at the pace of whoever reads it [CLI-88]', async () => {
    const taken: (() => void)[] = [];
    const stdout = { write: (_part: string | Uint8Array, done?: () => void) => (done && taken.push(done), false) };
    let handedOn = false;
    const content = new Output([], {}, stdout, stdout).content('a').then(() => (handedOn = true));
    await Promise.resolve();
    const before = handedOn;
    taken[0]?.();
    await content;
    expect([before, handedOn, taken.length]).to.deep.equal([false, true, 1]);
  });

  it('takes a --json after -- for an argument', () => {
    const { stdout, stderr } = streams();
    expect(new Output(['request', 'echo', '--', '--json'], {}, stdout, stderr).json).to.equal(false);
  });

  it('writes a failure and its hint to stderr', () => {
    const { written, stdout, stderr } = streams();
    new Output([], {}, stdout, stderr).failure(failure);
    expect(written).to.deep.equal({ stdout: '', stderr: 'error: No such agent\nhint:  List them.\n' });
  });

  it('writes a failure as an error object to stderr with --json', () => {
    const { written, stdout, stderr } = streams();
    new Output(['--json'], {}, stdout, stderr).failure(failure);
    expect({ stdout: written.stdout, stderr: JSON.parse(written.stderr) as unknown }).to.deep.equal({
      stdout: '',
      stderr: {
        error: {
          message: 'No such agent',
          hint: 'List them.',
          exit: 'not_found',
          exitCode: 7,
          name: 'agent_not_found',
          code: 1100,
        },
      },
    });
  });
});
