import type { Requirement } from './requirement.js';

export const access: readonly Requirement[] = [
  {
    id: 'ACCESS-01',
    source: 'ISSUE 2 core: rate limits per principal',
    behaviour:
      'A principal gets its burst and its rate, never more; a refusal names the wait after which it is granted.',
  },
  {
    id: 'ACCESS-02',
    source: 'ISSUE 2 core: rate limits per principal',
    behaviour: 'A role can have a rate of its own; of several roles the most generous counts.',
  },
  {
    id: 'ACCESS-03',
    source: 'DESIGN 10',
    behaviour: 'The rate limiter remembers a bounded number of principals.',
  },
  {
    id: 'ACCESS-04',
    source: 'DESIGN 8',
    behaviour: 'What no role of the caller grants is denied; the roles grant what the table says.',
  },
  {
    id: 'ACCESS-05',
    source: 'DESIGN 8',
    behaviour: 'A forbid wins over every grant, by principal, role, permission and resource.',
  },
  {
    id: 'ACCESS-06',
    source: 'DESIGN 8',
    behaviour: 'Decisions are remembered within a bound, and never past a change of the rules.',
  },
  {
    id: 'ACCESS-07',
    source: 'DESIGN 10',
    behaviour: 'Right tokens are remembered for a short time; a bounded number is looked at at once.',
  },
  {
    id: 'ACCESS-08',
    source: 'DESIGN 8',
    behaviour: 'A revoked credential is not believed any more, cached or on its way.',
  },
  {
    id: 'ACCESS-09',
    source: 'FAULTS F77',
    behaviour: 'Who sends wrong tokens is refused for a growing time, by remote address, within bounds.',
  },
  {
    id: 'ACCESS-10',
    source: 'FAULTS F77',
    behaviour: 'A flood of wrong tokens locks out nobody who has a right API key.',
  },
  { id: 'ACCESS-11', source: 'DESIGN 4', behaviour: 'Ids are UUIDv7 that rise, also when the wall clock goes back.' },
  {
    id: 'ACCESS-12',
    source: 'DESIGN 10',
    behaviour: 'Instruments have a bounded number of series; one that fails is counted and hides no other.',
  },
  {
    id: 'ACCESS-13',
    source: 'DESIGN 10',
    behaviour:
      'Loop lag is measured, shown in the metrics and in readiness, and the watchdog sees when the loop last turned.',
  },
  { id: 'ACCESS-14', source: 'ISSUE 2 shows 8', behaviour: 'promtool accepts /metrics without output.' },
  {
    id: 'ACCESS-15',
    source: 'ISSUE 2 metrics',
    behaviour: 'The format is negotiated: Prometheus text 0.0.4, or OpenMetrics 1.0.0 where a scraper asks for it.',
  },
  {
    id: 'ACCESS-16',
    source: 'ISSUE 2 metrics',
    behaviour: 'Any label value and help text is escaped so that a parser reads back what was written.',
  },
  {
    id: 'ACCESS-17',
    source: 'DESIGN 8',
    behaviour: '/metrics needs metrics:read; it can be public on a loopback address only.',
  },
  {
    id: 'ACCESS-18',
    source: 'DESIGN 8, 12',
    behaviour: 'The first start makes an admin key and keeps it in admin.key, 0600 and nothing else in it.',
  },
  {
    id: 'ACCESS-19',
    source: 'FAULTS F03',
    behaviour: 'A power cut while the admin key is made or rotated leaves a file with a key that works.',
  },
  {
    id: 'ACCESS-20',
    source: 'ISSUE 2 auth-apikey',
    behaviour: 'An empty, short or well-known admin key is refused, with what to do.',
  },
  {
    id: 'ACCESS-21',
    source: 'ISSUE 2 auth-apikey',
    behaviour: 'A lost or revoked admin key can be replaced with the daemon stopped.',
  },
  {
    id: 'ACCESS-22',
    source: 'ISSUE 2 auth-apikey',
    behaviour: 'key.create makes a key of 256 random bits that logs in as its principal with its roles.',
  },
  {
    id: 'ACCESS-23',
    source: 'DESIGN 8',
    behaviour: 'Of a secret nothing but its SHA-256 is kept: not in the store, the journal or the log.',
  },
  {
    id: 'ACCESS-24',
    source: 'DESIGN 8',
    behaviour: 'Nobody but an admin handles keys that can do more than they can, or that stand for somebody else.',
  },
  {
    id: 'ACCESS-25',
    source: 'ISSUE 2 auth-apikey',
    behaviour: 'key.list pages through all keys and shows when each was last used, written now and then.',
  },
  {
    id: 'ACCESS-26',
    source: 'ISSUE 2 auth-apikey',
    behaviour: 'Rotation, with its overlap, revocation and expiry end a secret together with its sessions.',
  },
  {
    id: 'ACCESS-27',
    source: 'ISSUE 2 programs',
    behaviour:
      'Programs get keys that never reach the disk and end with the daemon or when revoked; both are recorded.',
  },
  {
    id: 'F75',
    source: 'FAULTS F75',
    behaviour: 'When a key is revoked or rotated, the connections that came by it are closed within 5 s.',
  },
  {
    id: 'F77',
    source: 'FAULTS F77',
    behaviour: 'A flood of wrong keys is refused cheaply and banned with backoff; right keys are served meanwhile.',
  },
  {
    id: 'ACCESS-29',
    source: 'ISSUE 2 core: rate limits per principal',
    behaviour: 'Keys of one principal with different roles have each the rate of their own roles.',
  },
  {
    id: 'ACCESS-28',
    source: 'DESIGN 6',
    behaviour: 'A call that the authorizer refuses is a record of the journal; a flood of them is bounded.',
  },
];
