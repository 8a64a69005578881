import type { Evidence, Violation } from './evidence.js';
import type { Sorted } from './items.js';

/** A chunk that was acknowledged is in the artifact, with what it held; none is refused that came in order. */
export function* checkArtifacts({ items, toldByCall }: Sorted, { artifacts }: Evidence): Iterable<Violation> {
  for (const { id, asks } of items.values()) {
    for (const { call, what, chunk = 0, hash = '', last } of asks) {
      const told = toldByCall.get(call);
      if (what !== 'chunk' || told === undefined) continue;
      if (told.error === 'conflict') yield { rule: 'chunks in order are taken', what: `${id}: chunk ${chunk}` };
      if (told.error !== undefined) continue;
      const kept = artifacts.get(id)?.find(({ version }) => version === told.version);
      const at = `${id}: chunk ${chunk} of version ${told.version ?? '?'}`;
      if (kept?.chunks[chunk] !== hash) yield { rule: 'an acknowledged chunk is kept', what: at };
      else if (last === true && !kept.complete)
        yield { rule: 'an acknowledged chunk is kept', what: `${at} was the last` };
    }
  }
}
