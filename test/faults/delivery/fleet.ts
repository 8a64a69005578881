import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CuttingProxy } from '../../support/cutting-proxy.js';
import type { AgentOrders } from './agent-sender.js';

const PROGRAM = fileURLToPath(new URL('./agent-process.js', import.meta.url));
/** Lines kept of what agents complain of. */
const COMPLAINTS = 1000;

/** One agent: a process of its own that reaches the daemon through a proxy of its own. */
export class HarnessAgent {
  readonly agentId: string;
  /** When it last said that it has nothing left to do; of the wall clock, ms. */
  quietAt = 0;
  /** Ends that nobody asked for. */
  readonly crashes: string[] = [];
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #generation = 0;
  #resting = false;

  constructor(
    private readonly orders: Omit<AgentOrders, 'generation'>,
    readonly proxy: CuttingProxy,
    private readonly complain: (line: string) => void,
  ) {
    this.agentId = orders.agentId;
  }

  /** Does nothing while it runs. */
  start(): void {
    if (this.#child !== undefined) return;
    const orders: AgentOrders = { ...this.orders, generation: this.#generation++ };
    const child = spawn(process.execPath, [PROGRAM, JSON.stringify(orders)], { stdio: 'pipe' });
    this.#child = child;
    this.#ended = once(child, 'close').then(([code]) => {
      if (this.#child === child) this.crashes.push(`${this.agentId} ended with code ${String(code)}`);
    });
    // Written to a process that was killed.
    child.stdin.on('error', () => child.stdin.destroy());
    createInterface({ input: child.stdout }).on('line', () => (this.quietAt = Date.now()));
    createInterface({ input: child.stderr }).on('line', this.complain);
    if (this.#resting) child.stdin.write('rest\n');
  }

  /** From now on it sends nothing new, and handles everything well; also after it is started again. */
  rest(): void {
    this.#resting = true;
    this.#child?.stdin?.write('rest\n');
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
    await this.#ended;
  }
}

/** All agents. */
export class Fleet {
  readonly complaints: string[] = [];
  readonly agents: HarnessAgent[] = [];

  /** @param of orders of all; each agent's history is a file named after it */
  async add(of: Omit<AgentOrders, 'generation' | 'history'> & { readonly histories: string }): Promise<void> {
    const { histories, ...orders } = of;
    const { proxy, url } = await CuttingProxy.start(orders.url);
    const history = join(histories, `${orders.agentId}.jsonl`);
    const complain = (line: string): void => {
      if (this.complaints.length < COMPLAINTS) this.complaints.push(line);
    };
    this.agents.push(new HarnessAgent({ ...orders, url, history }, proxy, complain));
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.agents.map(async (agent) => {
        await agent.kill();
        await agent.proxy.stop();
      }),
    );
  }
}
