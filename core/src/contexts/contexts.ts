import { token } from '../plugin/token.js';
import type { Principal } from '../permissions/principal.js';
import type { Put } from '../store/store.js';
import type { EntryDraft } from './transcript-entry.js';

/** Something that belongs to a context besides its transcript. */
export type ContextItemKind = 'message' | 'task';

/** What somebody who is in a context adds to it with a commit of its own. */
export interface ContextEntry {
  /** Where the content is found again when the context is erased; `context-items/<contextId>/<kind>/<id>` is put for it. */
  readonly item?: { readonly kind: ContextItemKind; readonly id: string };
  /** One more entry of the transcript. */
  readonly entry?: EntryDraft;
}

/** The part of a commit that tells a context; to be handed to the store in the turn of the loop in which it was planned. */
export interface ContextPlan {
  readonly puts: readonly Put[];
  /** The commit is durable: wakes who watches. */
  done(): void;
  /** The commit did not happen and never will. */
  failed(): void;
}

/** A context that something is about to be added to. */
export interface EnteredContext {
  readonly contextId: string;
  /** Whether it takes entries. */
  readonly open: boolean;
  /** Content that is larger is referred to instead of said. */
  readonly entryBytes: number;
  /** Agents that take part and may speak, but not the one that is named. */
  agents(except?: string): readonly string[];
  /**
   * What is said, and what belongs to the context from then on.
   *
   * @throws OrchestratorError `context_closed` when it was closed meanwhile (without an entry: erased), `limit_exceeded` when its
   *   transcript is full
   */
  plan(entry: ContextEntry): ContextPlan;
  /** What became of something that belongs to the context already; nothing once that takes no more entries. Never throws. */
  note(entry: EntryDraft): ContextPlan;
  /** @throws OrchestratorError `context_closed` once it takes no more content, in the turn of the loop in which that is handed to the store */
  expectOpen(): void;
}

/** What was erased by one source. */
export interface ErasedItems {
  readonly items: number;
  readonly bytes: number;
}

/** Keeps content that belongs to contexts, and can delete it. */
export interface ErasureSource {
  readonly kind: ContextItemKind | 'state';
  /**
   * Deletes what it keeps of a context, in commits of its own, and resolves when no value that is left holds any of its content. What
   * remains are receipts: ids, numbers, times, outcomes. Asked again after a crash, it ends what is left.
   */
  erase(contextId: string): Promise<ErasedItems>;
}

/** Has something to add to the export of a context, after its entries. */
export interface ExportSource {
  /** One JSON text without line breaks; undefined when there is nothing. */
  line(contextId: string): Promise<string | undefined>;
}

/** The contexts, as messages, tasks and documents use them. */
export interface Contexts {
  /**
   * A context, for a principal that may speak in it.
   *
   * @throws OrchestratorError `not_found` for who does not take part, `permission_denied` for an observer, `context_closed`
   */
  enter(contextId: string, principal: Principal): Promise<EnteredContext>;
  /** The same for what belongs to it already and goes on, such as a task; undefined when there is no such context. */
  reenter(contextId: string): Promise<EnteredContext | undefined>;
  /** @throws OrchestratorError `not_found` for who may not read it */
  expectReader(contextId: string, principal: Principal): Promise<void>;
  /** Whether somebody may read a context; not when there is none. */
  reads(contextId: string, principal: Principal): Promise<boolean>;
  /** Answers how to take the source away again. */
  addErasureSource(source: ErasureSource): () => void;
  /** Answers how to take the source away again. */
  addExportSource(source: ExportSource): () => void;
}
/** Token of {@link Contexts}. */
export const Contexts = token<Contexts>('contexts');
