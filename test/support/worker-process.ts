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

/** What message a worker process was given. */
export interface GivenMessage {
  readonly messageId: string;
  readonly deliveryId: string;
  readonly attempt: number;
  readonly payload: unknown;
}

/** A process that works on tasks and messages, and tells what it was given. */
export class WorkerProcess {
  readonly given: GivenTask[] = [];
  readonly messages: GivenMessage[] = [];
  readonly ended: Promise<unknown>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.ended = once(child, 'close');
    let rest = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const given = JSON.parse(line) as GivenTask | GivenMessage;
        if ('taskId' in given) this.given.push(given);
        else this.messages.push(given);
      }
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
export async function until(holds: () => unknown, withinMs = 60_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline)
      throw new Error(`it did not hold within ${String(withinMs)} ms: ${String(holds)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Whoever runs a worker starts it again whenever it crashes. */
export class SupervisedWorker {
  starts = 0;
  #running = true;
  #worker: WorkerProcess | undefined;
  readonly #over: Promise<void>;

  constructor(url: string, token: string, agentId: string) {
    this.#over = this.#run(() => WorkerProcess.start(url, token, agentId));
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#worker?.kill();
    await this.#over;
  }

  async #run(start: () => WorkerProcess): Promise<void> {
    while (this.#running) {
      this.starts++;
      this.#worker = start();
      await this.#worker.ended;
    }
  }
}
