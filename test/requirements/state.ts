import type { Requirement } from './requirement.js';

/** Documents of fields: what becomes of writes, also of those that did not know of each other. */
export const state: readonly Requirement[] = [
  {
    id: 'STATE-01',
    source: 'issue 3',
    behaviour:
      'Replicas that wrote apart are the same once each has synchronised, under every rule; no write counts twice.',
  },
  {
    id: 'STATE-02',
    source: 'issue 3',
    behaviour: 'What merging gives does not depend on the order in which the writes of several replicas come.',
  },
  {
    id: 'STATE-03',
    source: 'issue 3',
    behaviour: 'No write that was taken vanishes unless one that knew of it replaced it; every conflict is listed.',
  },
  {
    id: 'STATE-04',
    source: 'issue 3',
    behaviour: 'Deletions are remembered up to a bound, and nothing older than a forgotten one comes back.',
  },
  {
    id: 'STATE-05',
    source: 'issue 3',
    behaviour: 'Hybrid times rise, sort as text, follow what was observed, and cannot be driven ahead past a bound.',
  },
  {
    id: 'STATE-10',
    source: 'DESIGN 6',
    behaviour:
      'A write of a field is one commit with its journal record, which has a hash of the value and never the value.',
  },
  {
    id: 'STATE-11',
    source: 'issue 3',
    behaviour:
      'Compare-and-set: a write that expects another revision is refused with what is there and what was to be.',
  },
  {
    id: 'STATE-12',
    source: 'issue 3',
    behaviour: 'Changes of a document that come during a commit share the next one; each fails alone.',
  },
  {
    id: 'STATE-13',
    source: 'DESIGN 4',
    behaviour: 'A write happens once for its idempotency key, and the answer that is kept has no contents.',
  },
  {
    id: 'STATE-14',
    source: 'issue 3',
    behaviour: 'A write does exactly one thing, and only what the kind of its field can take.',
  },
  {
    id: 'STATE-15',
    source: 'issue 3',
    behaviour:
      'Writes are merged by the rule of their field: refused, the last one, key by key, item by item, both kept.',
  },
  {
    id: 'STATE-16',
    source: 'DESIGN 10',
    behaviour: 'Documents are bounded: bytes, fields, versions in conflict, changes that wait.',
  },
  {
    id: 'STATE-17',
    source: 'DESIGN 5',
    behaviour:
      'What the store did not write is not shown, and what another writer of the store did is seen before anything is decided by it.',
  },
  {
    id: 'STATE-18',
    source: 'DESIGN 8',
    behaviour: "An agent's document is written by its owner and by who administers state, and read by who may.",
  },
  {
    id: 'STATE-19',
    source: 'issue 3',
    behaviour: 'A document is the same after a restart: values, rules, conflicts, history, deletions.',
  },
  {
    id: 'STATE-20',
    source: 'issue 3',
    behaviour: 'A conflict is visible to everyone until somebody who saw it decides.',
  },
  {
    id: 'STATE-21',
    source: 'issue 3',
    behaviour: 'The history of a document is bounded in entries and bytes, and read page by page.',
  },
  {
    id: 'STATE-22',
    source: 'issue 3',
    behaviour:
      'Values are checked by JSON Schemas of fields and of the document; a bad one names its path and is recorded.',
  },
  {
    id: 'STATE-23',
    source: 'issue 3',
    behaviour: 'Documents are listed page by page, those only that the caller may read.',
  },
  {
    id: 'STATE-24',
    source: 'issue 3',
    behaviour:
      "A context's document is written by who speaks in it and read by all who take part; others learn nothing.",
  },
  {
    id: 'STATE-25',
    source: 'issue 3',
    behaviour: "A closed context's document takes no write, also none that was on its way.",
  },
  {
    id: 'STATE-26',
    source: 'issue 3',
    behaviour: "The document of a context is in the context's export.",
  },
  {
    id: 'STATE-27',
    source: 'issue 3',
    behaviour: 'Erasing a context erases its document: fields, history, definitions.',
  },
  {
    id: 'STATE-28',
    source: 'RFC 7396',
    behaviour: 'A JSON Merge Patch gives what RFC 7396 says, example by example.',
  },
  {
    id: 'STATE-29',
    source: 'RFC 6902',
    behaviour: 'A JSON Patch gives what RFC 6902 says, example by example, and is bounded in depth and copies.',
  },
  {
    id: 'STATE-30',
    source: 'issue 3',
    behaviour:
      'A patch changes several fields, or parts of the value of one, in one commit, and says which are other than before.',
  },
  {
    id: 'STATE-31',
    source: 'issue 3',
    behaviour: 'A patch compares and sets: by the revision of the document or field, and by the tests of a JSON Patch.',
  },
  {
    id: 'STATE-32',
    source: 'issue 3',
    behaviour: 'A patch is applied whole or not at all, and its errors name the operation or the place that is wrong.',
  },
  {
    id: 'STATE-33',
    source: 'issue 3',
    behaviour:
      'A patch touches only the keys, items and difference that are other, so that it merges with what others write.',
  },
  {
    id: 'STATE-34',
    source: 'DESIGN 4',
    behaviour: 'A watcher of a document gets every write once and in order, over reconnects and restarts.',
  },
  {
    id: 'STATE-35',
    source: 'DESIGN 4',
    behaviour:
      'A watcher whose next writes are no longer kept is told so by cursor_expired; nothing is left out silently.',
  },
  {
    id: 'STATE-36',
    source: 'issue 3',
    behaviour: 'Watching a document ends for who may not read it any more, and when it is erased.',
  },
  {
    id: 'STATE-37',
    source: 'issue 3',
    behaviour:
      'A replica gets in one round trip what of its changes was merged, what conflicts, what was refused, and what is new.',
  },
  {
    id: 'STATE-38',
    source: 'issue 3',
    behaviour:
      'A change of a replica counts once, however often it is synchronised, over restarts and after its replica was forgotten.',
  },
  {
    id: 'STATE-39',
    source: 'issue 3',
    behaviour:
      'Synchronising is one commit with its journal record, without contents; no clock that is ahead wins for ever.',
  },
  {
    id: 'STATE-40',
    source: 'issue 3',
    behaviour: 'Changes that are too many, out of order or of another replica are refused whole.',
  },
  {
    id: 'STATE-41',
    source: 'issue 3',
    behaviour:
      'After kill -9 in a storm of writes every answered one is there at its revision, what replicas wrote counts once, and the journal verifies.',
  },
];
