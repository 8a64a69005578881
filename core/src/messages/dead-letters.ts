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

/** What a commit holds so that a dead letter is kept, and what is done once it is on disk. */
export interface DeadLetterWrites {
  readonly puts: Put[];
  readonly deletes: string[];
  readonly events: EventDraft[];
  readonly after: () => void;
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

/** The messages that nobody could handle, bounded: past the bound the oldest one is discarded. */
export class DeadLetters implements DeadLetterSource {
  /** Ids, oldest first. */
  readonly #ids: string[] = [];

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly limit: number,
    private readonly resend: Resend,
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

  /** @param text the message as it is kept */
  keeping({ id, to, from, type, contextId }: KeptEnvelope, attempts: number, text: string): DeadLetterWrites {
    const at = new Date(this.clock.now()).toISOString();
    const about = contextId === undefined ? {} : { contextId };
    const letter: DeadLetter = { kind: 'message', id, agent: to, sender: from, type, ...about, attempts, at };
    const oldest = this.#ids.length < this.limit ? undefined : this.#ids[0];
    return {
      puts: [
        { key: LETTERS + id, text: JSON.stringify(letter) },
        { key: BODIES + id, text },
      ],
      deletes: oldest === undefined ? [] : [LETTERS + oldest, BODIES + oldest],
      events: oldest === undefined ? [] : [discarded(oldest, to, DAEMON.id, 'bound')],
      after: () => {
        if (oldest !== undefined) this.#forget(oldest);
        this.#ids.push(id);
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
    const besides = (as: string): Pick<Commit, 'checks' | 'deletes' | 'events'> => ({
      // Of two who redeliver it at once, one does.
      checks: [{ key: LETTERS + id, revision: letter.revision }],
      deletes: [LETTERS + id, BODIES + id],
      events: [redelivered(envelope, call.principal.id, as)],
    });
    const answer = await this.resend(envelope, payloadIn(body.text), besides, effect, answerOf);
    this.#forget(id);
    return answer;
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
    await effect.commit(commit, done);
    this.#forget(id);
    return true;
  }

  /** What a commit holds so that one is erased, if there is one with this id, and how large it was. */
  async erasing(id: string): Promise<DeadLetterWrites & { readonly bytes: number }> {
    const [letter, body] = await this.store.getTexts([LETTERS + id, BODIES + id]);
    const agent = letter === undefined ? undefined : (JSON.parse(letter.text) as DeadLetter).agent;
    return {
      puts: [],
      deletes: [letter, body].flatMap((found) => (found === undefined ? [] : [found.key])),
      events: agent === undefined ? [] : [discarded(id, agent, DAEMON.id, 'erased')],
      after: () => {
        this.#forget(id);
      },
      bytes: body === undefined ? 0 : Buffer.byteLength(body.text),
    };
  }

  #forget(id: string): void {
    const at = this.#ids.indexOf(id);
    if (at >= 0) this.#ids.splice(at, 1);
  }
}
