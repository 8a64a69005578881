import { JOURNAL_PREFIX, type Store } from '@ai-orchestrator/core/plugin';

/** What became of the keys that a process had acknowledged. */
export interface Audit {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly findings: readonly string[];
  readonly state: string;
}

/** Nothing lost, nothing twice, nothing damaged. */
export const SOUND: Audit = { lost: [], doubled: [], findings: [], state: 'open' };

/** Compares a store with what was acknowledged: each key with its revision, each with one record in a sound journal. */
export async function auditStore(store: Store, acked: ReadonlyMap<string, number>): Promise<Audit> {
  const recorded = new Map<string, number>();
  for (let from: string | undefined = JOURNAL_PREFIX; from !== undefined;) {
    const page = await store.range({ from, to: 'journal0', limit: 1000 });
    for (const { value } of page.entries) {
      const { resource } = value as { readonly resource: string };
      recorded.set(resource, (recorded.get(resource) ?? 0) + 1);
    }
    from = page.next;
  }
  const lost: string[] = [];
  for (const [key, revision] of acked) {
    const entry = await store.get(key);
    if (entry?.revision !== revision || !recorded.has(key)) lost.push(key);
  }
  const { findings } = await store.verify();
  return {
    lost,
    doubled: [...recorded].filter(([, times]) => times > 1).map(([key]) => key),
    findings: findings.map(({ what }) => what),
    state: store.state,
  };
}
