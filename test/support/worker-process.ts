import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const WORKER = fileURLToPath(new URL('task-worker.js', import.meta.url));

/** What a worker process was given. */
export interface GivenTask {
  readonly taskId: string;
  readonly attempt: number;
  readonly epoch: number;
  readonly input: unknown;
}

/** A process that works on tasks, and tells what it was given. */
export class WorkerProcess {
  readonly given: GivenTask[] = [];
  readonly ended: Promise<unknown>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.ended = once(child, 'close');
    let rest = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      this.given.push(...lines.map((line) => JSON.parse(line) as GivenTask));
    });
  }

  static start(url: string, token: string, agentId: string): WorkerProcess {
    return new WorkerProcess(
      spawn(process.execPath, [WORKER, url, token, agentId], { stdio: ['ignore', 'pipe', 'inherit'] }),
    );
  }

  /** SIGKILL, or another signal. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#child.kill(signal);
    if (signal === 'SIGKILL') await this.ended;
  }
}

/** Resolves once something holds. */
export async function until(holds: () => unknown, withinMs = 20_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline)
      throw new Error(`it did not hold within ${String(withinMs)} ms: ${String(holds)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
