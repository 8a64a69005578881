import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Clock } from '../host/time.js';
import { DAEMON } from '../permissions/principal.js';
import type { Call } from '../rpc/call.js';
import type { Effect } from '../store/effects.js';
import type { EventDraft } from '../store/record.js';
import type { Commit, Put, Store } from '../store/store.js';
import type { DeadLetter, DeadLetterSource } from './dead-letter-desk.js';
import { discarded, redelivered } from './message-events.js';
import { envelopeIn, payloadIn } from './message-text.js';
import type { KeptEnvelope } from './message-text.js';

/** What a commit holds so that a dead letter is kept or goes, and what is done once it is on disk, or never will be. */
export interface DeadLetterWrites {
  readonly puts: Put[];
  readonly deletes: string[];
  readonly events: EventDraft[];
  readonly after: () => void;
  readonly failed: () => void;
}

/** Sends a message once more, in the commit that has this; answers the new id. */
export type Resend = <T>(
  envelope: KeptEnvelope,
  payload: string,
  besides: (id: string) => Pick<Commit, 'checks' | 'deletes' | 'events'>,
  effect: Effect,
  answerOf: (id: string) => T,
) => Promise<T>;

const LETTERS = 'dead-letters/';
const LETTERS_END = 'dead-letters0';
const BODIES = 'dead-letter-bodies/';
const PAGE = 1000;
/** Letters that one more discards at most; there are too many of them where the bound was lowered. */
const MOST_DISCARDED = 100;

/** A dead letter whose end is on its way to the disk. */
interface Going {
  readonly id: string;
  readonly agent: string;
  /** The end is on disk. */
  readonly gone: () => void;
  /** It never will be. */
  readonly stays: () => void;
  /** Tells one or the other, by how the commit goes. */
  with<T>(ending: Promise<T>): Promise<T>;
}

/** The messages that nobody could handle, bounded: past the bound the oldest one is discarded. */
export class DeadLetters implements DeadLetterSource {
  /** Ids with the agents that had them, oldest first; with those on their way out, which may stay. */
  readonly #letters = new Map<string, string>();
  /** On their way into the store. */
  readonly #coming = new Set<string>();
  /** On their way out of it: nothing else may end them. */
  readonly #going = new Set<string>();

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly limit: number,
    private readonly resend: Resend,
  ) {}

  get size(): number {
    return this.#letters.size - this.#going.size;
  }

  /** Reads what there is. */
  async start(): Promise<void> {
    for (let from: string | undefined = LETTERS; from !== undefined;) {
      const page = await this.store.range({ from, to: LETTERS_END, limit: PAGE });
      for (const { key, value } of page.entries) {
        this.#letters.set(key.slice(LETTERS.length), (value as unknown as DeadLetter).agent);
      }
      from = page.next;
    }
  }

  /** @param text the message as it is kept */
  keeping({ id, to, from, type, contextId }: KeptEnvelope, attempts: number, text: string): DeadLetterWrites {
    const at = new Date(this.clock.now()).toISOString();
    const about = contextId === undefined ? {} : { contextId };
    const letter: DeadLetter = { kind: 'message', id, agent: to, sender: from, type, ...about, attempts, at };
    const discards: Going[] = [];
    for (const oldest of this.#letters.keys()) {
      if (this.size + this.#coming.size < this.limit || discards.length === MOST_DISCARDED) break;
      if (!this.#going.has(oldest)) discards.push(this.#take(oldest));
    }
    this.#coming.add(id);
    return {
      puts: [
        { key: LETTERS + id, text: JSON.stringify(letter) },
        { key: BODIES + id, text },
      ],
      deletes: discards.flatMap((old) => [LETTERS + old.id, BODIES + old.id]),
      events: discards.map((old) => discarded(old.id, old.agent, DAEMON.id, 'bound')),
      after: () => {
        for (const old of discards) old.gone();
        this.#coming.delete(id);
        this.#letters.set(id, to);
      },
      failed: () => {
        for (const old of discards) old.stays();
        this.#coming.delete(id);
      },
    };
  }

  async list(afterId: string | undefined, limit: number, agentId: string | undefined): Promise<readonly DeadLetter[]> {
    const letters: DeadLetter[] = [];
    for (let from: string | undefined = LETTERS + (afterId === undefined ? '' : `${afterId}0`); from !== undefined;) {
      const page = await this.store.range({ from, to: LETTERS_END, limit: PAGE });
      for (const { value } of page.entries) {
        const letter = value as unknown as DeadLetter;
        if (agentId === undefined || letter.agent === agentId) letters.push(letter);
        if (letters.length === limit) return letters;
      }
      from = page.next;
    }
    return letters;
  }

  async show(id: string): Promise<{ readonly letter: DeadLetter; readonly payload: string } | undefined> {
    const [letter, body] = await this.store.getTexts([LETTERS + id, BODIES + id]);
    if (letter === undefined || body === undefined) return undefined;
    return { letter: JSON.parse(letter.text) as DeadLetter, payload: payloadIn(body.text) };
  }

  async redeliver(
    id: string,
    call: Call,
    effect: Effect,
    answerOf: (id: string) => { readonly id: string },
  ): Promise<{ readonly id: string } | undefined> {
    const [letter, body] = await this.store.getTexts([LETTERS + id, BODIES + id]);
    if (letter === undefined || body === undefined) return undefined;
    const envelope = envelopeIn(body.text);
    const going = this.#take(id);
    const besides = (as: string): Pick<Commit, 'checks' | 'deletes' | 'events'> => ({
      // Of two who redeliver it at once, one does.
      checks: [{ key: LETTERS + id, revision: letter.revision }],
      deletes: [LETTERS + id, BODIES + id],
      events: [redelivered(envelope, call.principal.id, as)],
    });
    return going.with(this.resend(envelope, payloadIn(body.text), besides, effect, answerOf));
  }

  async discard(id: string, call: Call, effect: Effect, done: { readonly done: true }): Promise<boolean> {
    const [letter] = await this.store.getTexts([LETTERS + id]);
    if (letter === undefined) return false;
    const { agent } = JSON.parse(letter.text) as DeadLetter;
    const commit: Commit = {
      checks: [{ key: LETTERS + id, revision: letter.revision }],
      deletes: [LETTERS + id, BODIES + id],
      events: [discarded(id, agent, call.principal.id, 'asked')],
    };
    await this.#take(id).with(effect.commit(commit, done));
    return true;
  }

  /**
   * What a commit holds so that one goes with its message, if there is one with this id; undefined when it is just being changed: then it
   * is to be looked at again.
   */
  dropping(id: string, reason: 'erased' | 'expired'): DeadLetterWrites | undefined {
    if (this.#coming.has(id) || this.#going.has(id)) return undefined;
    if (!this.#letters.has(id)) {
      return { puts: [], deletes: [], events: [], after: () => undefined, failed: () => undefined };
    }
    const { agent, gone, stays } = this.#take(id);
    return {
      puts: [],
      deletes: [LETTERS + id, BODIES + id],
      events: [discarded(id, agent, DAEMON.id, reason)],
      after: gone,
      failed: stays,
    };
  }

  /** How large the message is that is kept, in bytes; 0 when there is none. */
  async bytesOf(id: string): Promise<number> {
    const [body] = await this.store.getTexts([BODIES + id]);
    return body === undefined ? 0 : Buffer.byteLength(body.text);
  }

  /** Takes one out, so that nothing else ends it. @throws OrchestratorError `conflict` when something else does already */
  #take(id: string): Going {
    const agent = this.#letters.get(id);
    if (agent === undefined || this.#going.has(id)) {
      throw new OrchestratorError('conflict', `the dead letter ${id} is just being changed; look again`, {
        resource: `message/${id}`,
      });
    }
    this.#going.add(id);
    const gone = (): void => {
      this.#going.delete(id);
      this.#letters.delete(id);
    };
    const stays = (): void => {
      this.#going.delete(id);
    };
    return {
      id,
      agent,
      gone,
      stays,
      async with(ending) {
        try {
          const answer = await ending;
          gone();
          return answer;
        } catch (error) {
          stays();
          throw error;
        }
      },
    };
  }
}
