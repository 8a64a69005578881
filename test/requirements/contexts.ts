import type { Requirement } from './requirement.js';

const rows: readonly (readonly [id: string, behaviour: string])[] = [
  ['CTX-01', 'a context begins with its maker as moderator, agents taking part by the principals that they belong to'],
  ['CTX-02', 'making a context happens once for an idempotency key, for which no content is kept'],
  ['CTX-03', 'a context id is used once; contexts of a principal and participants of a context are bounded'],
  ['CTX-04', 'who does not take part in a context learns nothing of it; who has context:admin sees all'],
  ['CTX-05', 'observers read, members speak, moderators lead'],
  ['CTX-06', 'participants may leave, unless others would be left without a moderator'],
  ['CTX-07', 'a principal that takes part as several says as which it speaks'],
  ['CTX-08', 'an entry of the transcript is journaled with its hash and without its content, in the same commit'],
  ['CTX-09', 'an entry is added once for an idempotency key; the key with another payload is a conflict'],
  ['CTX-10', 'entries are bounded in bytes, transcripts in entries and bytes; a closed context takes none'],
  ['CTX-11', 'entries that are said at once are numbered in the order in which they are stored'],
  ['CTX-12', 'a transcript is paged from both ends and from an entry on, pages being bounded in bytes'],
  ['CTX-13', 'a summary stands for the entries that it covers, which can be read until their retention ends'],
  ['CTX-14', 'who watches sees each entry once and in order, over reconnects'],
  ['CTX-15', 'watching ends for who takes part no longer'],
  ['CTX-16', 'entries are deleted when their retention ends, and cursors before them expire'],
  ['CTX-17', 'what a summary covers is deleted when the time for originals ends; the summary stays'],
  ['CTX-18', 'turns go round in the order of joining'],
  ['CTX-19', 'a holder of the turn that crashed holds up nobody for longer than a turn lasts'],
  ['CTX-20', 'after a round in which nobody spoke anybody may begin, and nothing more is written'],
  ['CTX-21', 'the turn goes on when its holder leaves, is removed or passes it'],
  ['CTX-22', 'where a moderator leads, it gives the turn, for one entry or until its time is over'],
  ['CTX-23', 'a turn that ended while the daemon was down has passed on when the context is next used'],
  ['CTX-24', 'a context is exported as JSON Lines, and that it was is journaled'],
  ['CTX-25', 'erasing a context takes all content away and leaves who took part, numbers and hashes'],
  ['CTX-26', 'an erasure asks everything that keeps content of the context'],
  ['CTX-27', 'an erasure that a restart interrupted goes on by itself'],
  ['CTX-28', 'content of an erased context is in no file of the data directory, and the journal verifies'],
];

export const contexts: readonly Requirement[] = rows.map(([id, behaviour]) => ({ id, source: 'issue 3', behaviour }));
