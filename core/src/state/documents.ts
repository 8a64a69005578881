import { OrchestratorError } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import { SkillSchemas } from '../agents/skill-schemas.js';
import type { Effect } from '../store/effects.js';
import { joined } from '../store/joined-commits.js';
import { Signals } from '../store/signals.js';
import { Store } from '../store/store.js';
import type { Commit } from '../store/store.js';
import type { Document } from './document.js';
import { documentOfHead, documentRange, headKey, headRange } from './document-keys.js';
import { DraftCommit } from './draft-commit.js';
import { Draft } from './draft.js';
import type { DraftRules } from './draft.js';
import { loadDocument } from './load-document.js';
import { LoadedDocuments } from './loaded-documents.js';
import type { Loaded } from './loaded-documents.js';
import { StateLimits } from './state-limits.js';

/** One change that waits for its commit. */
interface Waiting {
  /** Makes the change, and answers what is answered once it is durable. */
  readonly work: (draft: Draft) => unknown;
  readonly effect: Effect;
  readonly done: (answer: unknown) => void;
  readonly failed: (error: unknown) => void;
}

/** A document and the changes that wait for it. */
interface Line {
  readonly waiting: Waiting[];
  /** Resolves when nothing waits any more. */
  running: Promise<void> | undefined;
}

const ATTEMPTS = 4;
const LIST_PAGE = 1000;

/**
 * Documents by their key (`agent/<id>`, `context/<id>`). Changes of one document are made one after another on what is in memory; those
 * that arrive during a commit go into the next one together. Nothing of a document is read for a change once it is loaded.
 */
@injectable()
export class Documents {
  readonly #lines = new Map<string, Line>();
  readonly #loaded: LoadedDocuments;
  readonly #rules: DraftRules;
  readonly #signals: Signals;

  constructor(
    @inject(Store) private readonly store: Store,
    @inject(SkillSchemas) readonly schemas: SkillSchemas,
    @inject(StateLimits) private readonly limits: StateLimits,
  ) {
    this.#loaded = new LoadedDocuments(limits, (key) => loadDocument(store, key, limits));
    this.#rules = { limits, issues: (schemaText, value) => schemas.issues(schemaText, value) };
    this.#signals = new Signals(limits.watchers);
  }

  /** Documents in memory, and their bytes. */
  get loaded(): { readonly documents: number; readonly bytes: number } {
    return this.#loaded.size;
  }

  /** A document as it is durable; one that was never written is empty. It changes later on: take from it at once what is wanted. */
  read(key: string): Promise<Document> {
    return this.#loaded.get(key, (loaded) => loaded.document);
  }

  /**
   * Changes a document, in one commit with the effect's kept answer.
   *
   * @param work makes the change in a draft, at once, and answers what the effect answers; what it throws undoes it alone. It may run
   *   more than once
   * @throws OrchestratorError what `work` throws, `too_many_pending`, `conflict`, and those of a store's commit
   */
  async change<T>(key: string, effect: Effect, work: (draft: Draft) => T): Promise<T> {
    const line = this.#lines.get(key) ?? { waiting: [], running: undefined };
    if (line.waiting.length >= this.limits.waitingPerDocument) {
      throw new OrchestratorError(
        'too_many_pending',
        `more than ${String(this.limits.waitingPerDocument)} changes of ${key}`,
        {
          limit: this.limits.waitingPerDocument,
        },
      );
    }
    this.#lines.set(key, line);
    return new Promise<T>((resolve, reject) => {
      line.waiting.push({ work, effect, done: (answer) => resolve(answer as T), failed: reject });
      line.running ??= this.#run(key, line);
    });
  }

  /** Resolves at the next change of a document, or when the signal aborts; ask before reading. */
  changed(key: string, signal: AbortSignal): Promise<void> {
    return this.#signals.wait(key, signal);
  }

  /** Keys of the documents of a kind, in order, after one. */
  async list(kind: string, after: string | undefined, limit: number): Promise<{ keys: string[]; more: boolean }> {
    const range = headRange(kind);
    const from = after === undefined ? range.from : `${headKey(after)}\u0001`;
    const page = await this.store.range({ from, to: range.to, limit });
    return { keys: page.entries.map((entry) => documentOfHead(entry.key)), more: page.next !== undefined };
  }

  /** Every key of the store that holds something of a document, for its erasure; {@link Documents.forget} it once they are deleted. */
  async *keysOf(key: string): AsyncIterable<string> {
    const range = documentRange(key);
    for (let from: string | undefined = range.from; from !== undefined;) {
      const page = await this.store.range({ ...range, from, limit: LIST_PAGE });
      for (const entry of page.entries) yield entry.key;
      from = page.next;
    }
    yield headKey(key);
  }

  /** Drops what memory has of a document, whose entries were changed by somebody else. */
  forget(key: string): void {
    this.#loaded.drop(key);
    this.#signals.raise(key);
  }

  /** Resolves once no change of a document waits or is being stored. */
  async settled(key: string): Promise<void> {
    for (let line = this.#lines.get(key); line !== undefined; line = this.#lines.get(key)) await line.running;
  }

  /** Resolves once no change waits. */
  async idle(): Promise<void> {
    while (this.#lines.size > 0) await Promise.all([...this.#lines.values()].map(async ({ running }) => running));
  }

  /** Takes what waits, as much as one commit has room for, until nothing does. Never rejects. */
  async #run(key: string, line: Line): Promise<void> {
    // What came in the same turn goes into the same commit.
    await Promise.resolve();
    while (line.waiting.length > 0) {
      await this.#loaded
        .get(key, (loaded) => this.#commitTogether(key, loaded, line.waiting))
        .catch((error: unknown) => {
          for (const { failed } of line.waiting.splice(0)) failed(error);
        });
    }
    line.running = undefined;
    this.#lines.delete(key);
  }

  async #commitTogether(key: string, loaded: Loaded, waiting: Waiting[]): Promise<void> {
    const { draft, made, parts } = this.#make(loaded.document, waiting);
    if (draft === undefined) return;
    const settled = await this.#commit(key, loaded, draft, parts);
    if (settled === true) for (const { one, answer } of made) one.done(answer);
    else if (settled === false)
      await this.#commitApart(
        key,
        loaded,
        made.map(({ one }) => one),
      );
    else for (const { one } of made) one.failed(settled);
  }

  /** One of them met an entry that was changed by others: each is made again on its own, so that only that one fails. */
  async #commitApart(key: string, loaded: Loaded, ones: readonly Waiting[]): Promise<void> {
    for (const one of ones) {
      for (let attempt = 1; ; attempt++) {
        await loaded.reload();
        const { draft, made, parts } = this.#make(loaded.document, [one]);
        const [first] = made;
        if (first === undefined || draft === undefined) break;
        const settled = await this.#commit(key, loaded, draft, parts);
        if (settled === true) one.done(first.answer);
        else if (settled !== false) one.failed(settled);
        else if (attempt < ATTEMPTS) continue;
        else
          one.failed(new OrchestratorError('conflict', `${key} was changed meanwhile; try again`, { resource: key }));
        break;
      }
    }
  }

  /** Makes changes that wait, one on top of the other, until there is enough for a commit. */
  #make(
    document: Document,
    waiting: Waiting[],
  ): { draft: Draft | undefined; made: { one: Waiting; answer: unknown }[]; parts: Commit[] } {
    let draft: Draft | undefined;
    const made: { one: Waiting; answer: unknown }[] = [];
    const parts: Commit[] = [];
    while (made.length < this.limits.changesPerCommit && (draft?.bytes ?? 0) < this.limits.commitBytes) {
      const one = waiting.shift();
      if (one === undefined) break;
      try {
        const own = new Draft(draft ?? document, this.#rules);
        const answer = one.work(own);
        if (own.empty) {
          one.done(answer);
          continue;
        }
        // The first stands on the document itself; mostly it is alone.
        if (draft === undefined) draft = own;
        else draft.absorb(own);
        parts.push(one.effect.kept(answer));
        made.push({ one, answer });
      } catch (error) {
        one.failed(error);
      }
    }
    return { draft, made, parts };
  }

  /** Whether it was committed; an error where the store failed. */
  async #commit(key: string, loaded: Loaded, draft: Draft, parts: readonly Commit[]): Promise<boolean | Error> {
    const made = new DraftCommit(loaded.document, draft);
    try {
      const result = await this.store.commit(joined(made.commit, ...parts));
      if (!result.committed) return false;
      made.applied(result.revision);
    } catch (error) {
      // Whether it was written may be unknown.
      loaded.drop();
      return error instanceof Error ? error : new Error(String(error));
    }
    this.#signals.raise(key);
    return true;
  }
}
