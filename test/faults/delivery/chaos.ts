import type { PowerCutDisk } from '../support/disks.js';
import { sleep } from '../support/loops.js';
import type { Fleet } from './fleet.js';
import type { HarnessDaemon } from './harness-daemon.js';
import type { Seeded } from './seeded.js';

/** What is done to whom, and how often beside the others. */
const WEIGHTS = {
  cutOne: 24,
  cutAll: 3,
  holdOne: 10,
  killAgent: 14,
  freezeAgent: 14,
  killDaemon: 5,
  freezeDaemon: 5,
  restartDaemon: 2,
};
const BETWEEN_MS = 500;
/** Longer than the time that an agent has with a message, so that some run out. */
const HOLD_MS = 5_000;

/** Does harm at random until it is told to stop; what it did is counted. */
export class Chaos {
  readonly done = new Map<string, number>();
  readonly #running = new Set<Promise<void>>();

  constructor(
    private readonly fleet: Fleet,
    private readonly daemon: HarnessDaemon,
    private readonly random: Seeded,
    /** Where there is one, its power is cut in place of half of the daemon's other ends. */
    private readonly disk?: PowerCutDisk,
  ) {}

  /** Everything is whole again when it resolves. */
  async run(ms: number): Promise<void> {
    const until = performance.now() + ms;
    while (performance.now() < until) {
      await sleep(this.random.wait(BETWEEN_MS));
      await this.#one();
    }
    await Promise.all(this.#running);
  }

  async #one(): Promise<void> {
    const { random, fleet, daemon } = this;
    const what = random.weighted(WEIGHTS);
    const agent = random.pick(fleet.agents);
    const heldMs = random.integer(50, HOLD_MS);
    this.#count(what);
    switch (what) {
      case 'cutOne':
        agent.proxy.cut();
        return;
      case 'cutAll':
        for (const { proxy } of fleet.agents) proxy.cut();
        return;
      case 'holdOne':
        agent.proxy.hold();
        this.#later(heldMs, () => agent.proxy.release());
        return;
      case 'killAgent':
        await agent.kill();
        this.#later(random.integer(0, 2_000), () => agent.start());
        return;
      case 'freezeAgent':
        agent.freeze();
        this.#later(heldMs, () => agent.thaw());
        return;
      case 'freezeDaemon':
        daemon.freeze();
        await sleep(heldMs / 2);
        daemon.thaw();
        return;
      case 'restartDaemon':
        await daemon.stop();
        await daemon.start();
        return;
      case 'killDaemon':
        await this.#endDaemon();
        while (random.chance(0.25)) {
          this.#count('killDaemon as it starts');
          await daemon.startInVain(random.integer(50, 1_500));
        }
        await daemon.start();
        return;
    }
  }

  async #endDaemon(): Promise<void> {
    if (this.disk === undefined || this.random.chance(0.25)) return this.daemon.kill();
    this.#count('power cut');
    await this.daemon.powerCut(this.disk);
  }

  #count(what: string): void {
    this.done.set(what, (this.done.get(what) ?? 0) + 1);
  }

  #later(ms: number, undo: () => void): void {
    const undone = sleep(ms).then(undo);
    this.#running.add(undone);
    void undone.then(() => this.#running.delete(undone));
  }
}
