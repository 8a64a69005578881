import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually, processesWith } from './programs.js';

const HOST = fileURLToPath(new URL('host.js', import.meta.url));
const ROUNDS = 20;

describe('a daemon that is killed', () => {
  it('leaves no program, child, grandchild or sentinel, whenever it is killed [PROGRAM-13]', async () => {
    const identity = `killed${process.pid}x${Date.now()}`;
    const left: number[] = [];
    let seen = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const mark = `8${round}${Date.now()}`;
      const host = spawn(process.execPath, [HOST, identity, mark], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(host.stdout, 'data');
      // From before the first process is there to long after the last.
      await new Promise((resolve) => setTimeout(resolve, round * 4));
      host.kill('SIGKILL');
      await once(host, 'exit');
      seen += processesWith(mark).length;
      await eventually(
        'all of them are gone',
        () => [...processesWith(mark), ...processesWith(`sentinel\0${identity}`)].length === 0,
      );
      left.push(processesWith(mark).length);
    }
    expect({ left, sawSome: seen > 0 }).to.deep.equal({ left: left.map(() => 0), sawSome: true });
  });
});
