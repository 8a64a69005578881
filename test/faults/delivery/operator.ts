import { RawConnection, type RawAnswer } from '../../support/raw-connection.js';
import { sleep } from '../support/loops.js';
import type { HarnessDaemon } from './harness-daemon.js';
import type { History } from './history.js';
import type { Seeded } from './seeded.js';

const BETWEEN_MS = 700;
/** Letters looked at in one round. */
const PAGE = 100;

interface Chore {
  readonly id: string;
  readonly what: 'redeliver' | 'discard';
  readonly key: string;
}

/** Somebody who redelivers and discards dead letters, and does not let go of one before it is known what became of it. */
export class Operator {
  #chores: Chore[] = [];
  #calls = 0;
  #stopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly daemon: HarnessDaemon,
    private readonly history: History,
    private readonly random: Seeded,
  ) {}

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves once all that it began is known. The daemon must be well. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  /** Lets go of all. */
  async end(): Promise<void> {
    this.#chores = [];
    await this.stop();
    this.history.close();
  }

  async #run(): Promise<void> {
    while (!this.#stopping || this.#chores.length > 0) {
      await sleep(this.random.wait(BETWEEN_MS));
      // The daemon may just be away.
      await this.#round().catch(() => undefined);
    }
  }

  async #round(): Promise<void> {
    const { url, adminKey } = this.daemon.now;
    const admin = await RawConnection.open(url, adminKey);
    try {
      if (!this.#stopping) await this.#find(admin);
      for (const chore of [...this.#chores]) {
        if (!(await this.#do(chore, admin))) return;
        this.#chores = this.#chores.filter((each) => each !== chore);
      }
    } finally {
      await admin.close();
    }
  }

  async #find(admin: RawConnection): Promise<void> {
    const { entries = [] } = await admin.result('deadLetter.list', { limit: PAGE });
    for (const { id } of entries as readonly { id: string }[]) {
      if (this.#chores.some((chore) => chore.id === id) || !this.random.chance(0.3)) continue;
      const what = this.random.chance(0.7) ? 'redeliver' : 'discard';
      this.#chores.push({ id, what, key: `letter-${String(++this.#calls)}` });
      // One of two has to be refused.
      if (this.random.chance(0.2)) this.#chores.push({ id, what: 'redeliver', key: `letter-${String(++this.#calls)}` });
    }
  }

  /** Answers whether it is known what became of it. */
  async #do({ id, what, key }: Chore, admin: RawConnection): Promise<boolean> {
    const call = `operator-${String(++this.#calls)}`;
    this.history.write({ op: 'ask', id, call, what, key });
    const answer = await admin.call(`deadLetter.${what}`, { id, idempotencyKey: key });
    const name = errorIn(answer);
    if (answer.error !== undefined && name === undefined) return false;
    const as = (answer.result as { readonly id?: string } | undefined)?.id;
    this.history.write({
      op: 'told',
      id,
      call,
      ...(name === undefined ? {} : { error: name }),
      ...(as === undefined ? {} : { as }),
    });
    return true;
  }
}

/** Name of what the daemon answered; none where it did not answer. */
function errorIn({ error }: RawAnswer): string | undefined {
  return error?.code === 0 ? undefined : (error?.data?.name as string | undefined);
}
