import { Journal } from '../store/journal.js';
import type { AnyPlugin } from './plugin.js';
import { type Token, tokenName } from './token.js';

/** What the order is made of. */
export interface Orderable {
  readonly plugin: AnyPlugin;
  readonly required: boolean;
}

/** A plugin that cannot be started: through itself (`failed`), or through one that it needs (`skipped`). */
export interface Refused<E> {
  readonly entry: E;
  readonly state: 'failed' | 'skipped';
  readonly reason: string;
}

/** Who starts after whom, and who cannot start at all. */
export interface StartOrder<E> {
  readonly order: readonly E[];
  readonly refused: readonly Refused<E>[];
}

/** The services that a plugin requires, as tokens. */
export function requiredTokens(plugin: AnyPlugin): readonly Token<unknown>[] {
  return Object.values((plugin.requires ?? {}) as Record<string, Token<unknown>>);
}

/** The services that a plugin provides, as tokens. */
export function providedTokens(plugin: AnyPlugin): readonly Token<unknown>[] {
  return Object.values((plugin.provides ?? {}) as Record<string, Token<unknown>>);
}

/**
 * Orders plugins so that each starts after those whose services it requires; otherwise they keep the order given. A plugin that
 * declares events also starts after whoever provides the journal, unless the journal needs it. Missing, doubled and circular
 * providers are refused with the chain. No code of any plugin runs.
 *
 * @param entries with distinct plugin ids
 * @param builtin services that are there already
 */
export function startOrder<E extends Orderable>(entries: readonly E[], builtin: ReadonlySet<symbol>): StartOrder<E> {
  const refused = new Map<E, Refused<E>>();
  const refuse = (entry: E, state: Refused<E>['state'], reason: string): void => {
    if (!refused.has(entry)) refused.set(entry, { entry, state, reason });
  };
  const providers = providersOf(entries, builtin, refuse);
  for (const [circle, reason] of circles(entries, providers)) refuse(circle, 'failed', reason);

  const order: E[] = [];
  const seen = new Set<E>();
  const place = (entry: E): void => {
    if (seen.has(entry)) return;
    seen.add(entry);
    if (refused.get(entry)?.state === 'failed') return;
    for (const wanted of requiredTokens(entry.plugin)) {
      if (builtin.has(wanted)) continue;
      const provider = providers.get(wanted);
      if (provider === undefined) {
        refuse(entry, 'failed', missing(wanted));
        continue;
      }
      place(provider);
      const why = refused.get(provider);
      if (why !== undefined) refuse(entry, 'skipped', needs(wanted, provider.plugin.id, why.reason));
    }
    const journal = providers.get(Journal);
    if (hasEvents(entry) && journal !== undefined && !leadsTo(journal, entry, providers)) place(journal);
    if (!refused.has(entry)) order.push(entry);
  };
  for (const entry of entries) place(entry);
  return { order, refused: entries.flatMap((entry) => refused.get(entry) ?? []) };
}

/** Why a plugin is skipped: what it needs, from whom, and what became of that one. */
export function needs(wanted: Token<unknown>, provider: string, why: string): string {
  return `needs "${tokenName(wanted)}" of plugin "${provider}", which ${why}`;
}

function missing(wanted: Token<unknown>): string {
  return `needs "${tokenName(wanted)}", which no plugin provides: add one that does to the configuration`;
}

function hasEvents(entry: Orderable): boolean {
  return Object.keys((entry.plugin.events ?? {}) as object).length > 0;
}

function providersOf<E extends Orderable>(
  entries: readonly E[],
  builtin: ReadonlySet<symbol>,
  refuse: (entry: E, state: 'failed', reason: string) => void,
): ReadonlyMap<symbol, E> {
  const claims = new Map<Token<unknown>, E[]>();
  for (const entry of entries) {
    for (const given of providedTokens(entry.plugin)) claims.set(given, [...(claims.get(given) ?? []), entry]);
  }
  const providers = new Map<symbol, E>();
  for (const [given, claimants] of claims) {
    const winners = claimants.length === 1 ? claimants : claimants.filter(({ required }) => required);
    const winner = builtin.has(given) || winners.length !== 1 ? undefined : winners[0];
    const who = [
      ...(builtin.has(given) ? ['the daemon itself'] : []),
      ...claimants.map((c) => `plugin "${c.plugin.id}"`),
    ];
    for (const claimant of claimants) {
      if (claimant === winner) continue;
      refuse(
        claimant,
        'failed',
        `provides "${tokenName(given)}", and so do others (${who.join(', ')}): keep one of them`,
      );
    }
    const provider = winner ?? claimants[0];
    if (provider !== undefined && !builtin.has(given)) providers.set(given, provider);
  }
  return providers;
}

/** Each plugin on a circle, with the chain; every circle loses at least one member, so that what is left can be ordered. */
function circles<E extends Orderable>(
  entries: readonly E[],
  providers: ReadonlyMap<symbol, E>,
): readonly [E, string][] {
  const found: [E, string][] = [];
  const done = new Set<E>();
  const path: E[] = [];
  const walk = (entry: E): void => {
    const start = path.indexOf(entry);
    if (start >= 0) {
      const circle = path.slice(start);
      const chain = [...circle, entry].map(({ plugin }) => `"${plugin.id}"`).join(' needs ');
      for (const member of circle) {
        found.push([member, `is part of a circle (${chain}): one of them has to do without the next`]);
      }
      return;
    }
    if (done.has(entry)) return;
    path.push(entry);
    for (const next of neighbours(entry, providers)) walk(next);
    path.pop();
    done.add(entry);
  };
  for (const entry of entries) walk(entry);
  return found;
}

function neighbours<E extends Orderable>(entry: E, providers: ReadonlyMap<symbol, E>): readonly E[] {
  return requiredTokens(entry.plugin).flatMap((wanted) => providers.get(wanted) ?? []);
}

function leadsTo<E extends Orderable>(from: E, to: E, providers: ReadonlyMap<symbol, E>, seen = new Set<E>()): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return neighbours(from, providers).some((next) => leadsTo(next, to, providers, seen));
}
