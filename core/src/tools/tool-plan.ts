import { isDeepStrictEqual } from 'node:util';
import type { EventDraft } from '../store/record.js';
import { definitionHash } from './definition-hash.js';
import type { StoredVersion } from './stored-version.js';
import type { ToolDrafts } from './tool-drafts.js';
import type { ToolVersion } from './tool-records.js';
import type { ToolDefinition } from './tools.js';

/** Who registers definitions, and how far they are trusted. */
export interface Registrar {
  readonly principal: string;
  readonly drafts: ToolDrafts;
  /** Whether they may approve definitions of this name, and so need nobody else to. */
  mayApprove(name: string): boolean;
}

/** What becomes of a version: what is stored of it from now on, `undefined` where that stays as it is. */
export interface VersionPlan {
  readonly next?: StoredVersion;
  readonly events: readonly EventDraft[];
}

/** What is known besides. */
export interface Trust {
  /** Whether the first definition of a name is believed. */
  readonly firstUse: boolean;
  readonly now: number;
  /** For a new name, one that its provider may have given up for it. */
  replaced(definition: ToolDefinition): ToolVersion | undefined;
}

/**
 * What becomes of a definition that a provider offers. What was approved once is trusted again; the first of its name is trusted where
 * that is allowed; everything else waits beside what is approved.
 *
 * @param known the same version, where there is one
 * @param versions all of the name
 */
export function planDefinition(
  definition: ToolDefinition,
  provider: string,
  known: ToolVersion | undefined,
  versions: readonly ToolVersion[],
  registrar: Registrar,
  trust: Trust,
): VersionPlan {
  const { name, version } = definition;
  const { drafts } = registrar;
  const { now } = trust;
  const hash = definitionHash(definition);
  const of = { tool: name, version, provider };
  const { pending, ...settled } = known?.stored ?? { provider, registrar: registrar.principal, registeredAt: now };
  const { approved } = settled;

  if (approved?.hash === hash) {
    // What the hash is not over, such as time limits, needs nobody's approval.
    if (pending === undefined && isDeepStrictEqual(approved.definition, definition)) return { events: [] };
    const next = { ...settled, approved: { ...approved, definition } };
    return { next, events: pending === undefined ? [] : [drafts.restored(of, hash)] };
  }
  const approvedBy = (by: string): StoredVersion => ({ ...settled, approved: { hash, definition, at: now, by } });
  if (registrar.mayApprove(name)) {
    const event =
      approved === undefined ? drafts.registered(of, hash, 'approver') : drafts.changed(of, hash, approved.hash);
    return { next: approvedBy(registrar.principal), events: [event] };
  }
  if (versions.some(({ stored }) => stored.approved?.hash === hash)) {
    return { next: approvedBy('known'), events: [drafts.registered(of, hash, 'known')] };
  }
  const replaced = versions.length === 0 ? trust.replaced(definition) : undefined;
  if (replaced !== undefined) {
    return {
      next: { ...settled, replaces: replaced.name, pending: { hash, definition, since: now, why: 'renamed' } },
      events: [drafts.quarantined(of, hash, 'renamed', replaced.stored.approved?.hash)],
    };
  }
  if (versions.length === 0 && trust.firstUse) {
    return { next: approvedBy('firstUse'), events: [drafts.registered(of, hash, 'firstUse')] };
  }
  if (pending?.hash === hash) return { events: [] };
  const standing = approved ?? versions.find(({ stored }) => stored.approved !== undefined)?.stored.approved;
  const why = approved !== undefined ? 'changed' : standing === undefined ? 'new' : 'version';
  return {
    next: { ...settled, pending: { hash, definition, since: now, why } },
    events: [drafts.quarantined(of, hash, why, standing?.hash)],
  };
}

/**
 * What is left of a version that its provider no longer offers: what waited for approval is forgotten, what was approved or rejected is
 * not. `gone`: nothing is left.
 */
export function planWithdrawal({ stored }: ToolVersion): StoredVersion | 'gone' | undefined {
  const { pending, ...settled } = stored;
  if (pending === undefined || pending.rejected !== undefined) return undefined;
  return settled.approved === undefined ? 'gone' : settled;
}
