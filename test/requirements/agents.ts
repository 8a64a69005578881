import type { Requirement } from './requirement.js';

const ISSUE = 'issue 2, core';

export const agents: readonly Requirement[] = [
  { id: 'AGENTS-01', source: 'DESIGN 6', behaviour: 'An agent, its lease and its journal record are one commit.' },
  {
    id: 'AGENTS-02',
    source: ISSUE,
    behaviour: 'A card that is wrong is refused with a JSON Pointer to the field that is.',
  },
  { id: 'AGENTS-03', source: 'DESIGN 8', behaviour: 'An agent id stays with the principal that registered it first.' },
  {
    id: 'AGENTS-04',
    source: 'DESIGN 10',
    behaviour: 'Agents, agents of a principal and ids of a principal are bounded.',
  },
  {
    id: 'AGENTS-05',
    source: 'DESIGN 7',
    behaviour: 'Presence is a lease: an agent may be gone for its length, and an open connection costs no write.',
  },
  {
    id: 'AGENTS-06',
    source: 'DESIGN 7',
    behaviour: 'After a restart agents have the time of their lease to come back.',
  },
  { id: 'AGENTS-07', source: 'DESIGN 7', behaviour: 'A takeover raises the epoch; the old owner is told and fenced.' },
  {
    id: 'AGENTS-08',
    source: 'DESIGN 10',
    behaviour: 'An agent that flaps is limited with a hint, and its presence damped.',
  },
  { id: 'AGENTS-09', source: ISSUE, behaviour: 'Only the transitions of one table are possible.' },
  { id: 'AGENTS-10', source: ISSUE, behaviour: 'A suspension lasts until an operator ends it.' },
  { id: 'AGENTS-11', source: 'DESIGN 8', behaviour: 'A listing shows only what its caller may use.' },
  { id: 'AGENTS-12', source: ISSUE, behaviour: 'Agents are found by skill, label, version range and state.' },
  { id: 'AGENTS-13', source: 'DESIGN 4', behaviour: 'Pages of agents neither shift nor repeat.' },
  {
    id: 'AGENTS-14',
    source: 'DESIGN 4',
    behaviour: 'The same idempotency key and params have one effect and one answer.',
  },
  { id: 'AGENTS-15', source: 'DESIGN 4', behaviour: 'The same idempotency key with other params is a conflict.' },
  { id: 'AGENTS-16', source: 'DESIGN 4', behaviour: 'Answers are kept under their idempotency key for 24 hours.' },
  {
    id: 'AGENTS-33',
    source: 'DESIGN 4, 10',
    behaviour:
      'Answers under idempotency keys are bounded for each principal: past the bound its oldest are given up, and no call is refused for it.',
  },
  { id: 'AGENTS-17', source: 'DESIGN 7', behaviour: 'A request between connected agents is answered without a write.' },
  { id: 'AGENTS-18', source: ISSUE, behaviour: 'A request by skill goes to the least loaded agent that fits.' },
  { id: 'AGENTS-19', source: ISSUE, behaviour: 'A request that cannot reach an agent says why.' },
  {
    id: 'AGENTS-20',
    source: ISSUE,
    behaviour: 'A request ends with an answer, the error of the agent, its absence or the deadline.',
  },
  { id: 'AGENTS-21', source: ISSUE, behaviour: 'A request is canceled at its agent when nobody waits for it.' },
  { id: 'AGENTS-22', source: 'DESIGN 10', behaviour: 'Requests in flight at one agent are bounded.' },
  { id: 'AGENTS-23', source: ISSUE, behaviour: 'A payload is checked where its skill has an input schema.' },
  { id: 'AGENTS-24', source: 'DESIGN 7', behaviour: 'Hops, deadline and trace travel with every message.' },
  { id: 'AGENTS-25', source: ISSUE, behaviour: 'Partial answers come in order, from the agent that was asked only.' },
  {
    id: 'AGENTS-26',
    source: 'DESIGN 10',
    behaviour: 'A sender that does not take its parts loses the request, not the memory of the daemon.',
  },
  { id: 'AGENTS-27', source: 'DESIGN 6', behaviour: 'The journal is read by cursor and filter.' },
  {
    id: 'AGENTS-28',
    source: 'DESIGN 4',
    behaviour: 'A subscription that resumes sees every record once, or cursor_expired.',
  },
  {
    id: 'AGENTS-29',
    source: 'DESIGN 4',
    behaviour: 'A connection can ask who it is, end its subscriptions and ping; operators list connections.',
  },
  {
    id: 'AGENTS-31',
    source: 'DESIGN 1',
    behaviour: 'A skill may name the draft of its schemas, JSON Schema 2020-12, as tools write it.',
  },
  {
    id: 'AGENTS-32',
    source: 'DESIGN 10',
    behaviour: 'Every request to an agent is counted under one outcome, and none counts as in flight afterwards.',
  },
  {
    id: 'AGENTS-30',
    source: 'DESIGN 8',
    behaviour: 'An agent whose principal may no longer register agents loses its connection and goes offline.',
  },
  { id: 'F27', source: 'FAULTS F27', behaviour: 'A flapping agent is limited with a hint, and its presence damped.' },
  {
    id: 'F29',
    source: 'FAULTS F29',
    behaviour: 'Resuming with an expired cursor says so and how to go on; no silent gap.',
  },
  { id: 'F31', source: 'FAULTS F31', behaviour: 'An agent id claimed by another principal is refused and audited.' },
  {
    id: 'F32',
    source: 'FAULTS F32',
    behaviour: 'Of two connections that register one agent the newest owns it alone.',
  },
];
