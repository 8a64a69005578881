import type { Clock } from '../host/time.js';
import type { EventDraft } from '../store/record.js';
import type { Put, Store } from '../store/store.js';

/** What nobody could handle: what it is, and why it came here. */
export interface DeadLetter {
  readonly kind: 'message' | 'task';
  /** Of the message or task. */
  readonly id: string;
  readonly agent: string;
  /** Principal that sent it. */
  readonly sender: string;
  /** What kind of message it is. */
  readonly type?: string;
  readonly contextId?: string;
  readonly attempts: number;
  /** Wall-clock ms. */
  readonly at: number;
}

/** What a commit holds so that a dead letter is kept, and what is done once it is on disk. */
export interface DeadLetterWrites {
  readonly puts: Put[];
  readonly deletes: string[];
  readonly events: EventDraft[];
  readonly after: () => void;
}

const LETTERS = 'dead-letters/';
const LETTERS_END = 'dead-letters0';
const BODIES = 'dead-letter-bodies/';
const PAGE = 1000;

/** The list of what nobody could handle, bounded: past its bound the oldest one is discarded. */
export class DeadLetters {
  /** Ids in the order of their coming. */
  readonly #ids: string[] = [];

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly limit: number,
  ) {}

  get size(): number {
    return this.#ids.length;
  }

  /** Reads what there is. */
  async start(): Promise<void> {
    for (let from: string | undefined = LETTERS; from !== undefined;) {
      const page = await this.store.range({ from, to: LETTERS_END, limit: PAGE });
      for (const { key } of page.entries) this.#ids.push(key.slice(LETTERS.length));
      from = page.next;
    }
  }

  /** @param body JSON text of all that is needed to send it again */
  keeping(letter: Omit<DeadLetter, 'at'>, body: string): DeadLetterWrites {
    const kept: DeadLetter = { ...letter, at: this.clock.now() };
    const oldest = this.#ids.length < this.limit ? undefined : this.#ids[0];
    return {
      puts: [
        { key: LETTERS + letter.id, text: JSON.stringify(kept) },
        { key: BODIES + letter.id, text: body },
      ],
      deletes: oldest === undefined ? [] : [LETTERS + oldest, BODIES + oldest],
      events: [],
      after: () => {
        if (oldest !== undefined && this.#ids[0] === oldest) this.#ids.shift();
        this.#ids.push(letter.id);
      },
    };
  }
}
