import type { Requirement } from './requirement.js';

const ISSUE = 'Issue 3, A causal timeline';

export const timelines: readonly Requirement[] = [
  {
    id: 'TL-01',
    source: ISSUE,
    behaviour:
      'The timeline of a message has its deliveries and everything it caused, each after its cause, with durations and outcomes, also once it is settled.',
  },
  {
    id: 'TL-02',
    source: ISSUE,
    behaviour: 'The timeline of a task has its steps and sub-tasks, that of a trace everything that belongs to it.',
  },
  {
    id: 'TL-03',
    source: ISSUE,
    behaviour: 'The timeline of a context has what was said in it, and its messages and tasks.',
  },
  { id: 'TL-04', source: ISSUE, behaviour: 'Timelines come in bounded pages that together are the whole.' },
  {
    id: 'TL-05',
    source: 'DESIGN 8',
    behaviour:
      'A timeline shows what its reader is party to, or all of it to who may read the journal; what is between is passed over.',
  },
  {
    id: 'TL-06',
    source: ISSUE,
    behaviour: 'What timelines keep of messages and tasks goes with these when their time is over.',
  },
  {
    id: 'TL-07',
    source: ISSUE,
    behaviour: 'A watched timeline is told from its beginning, then as it goes on; an entry that changes comes again.',
  },
  {
    id: 'TL-08',
    source: ISSUE,
    behaviour: 'What comes to belong to a watched timeline is told; a watcher that comes back goes on at its cursor.',
  },
  {
    id: 'TL-09',
    source: 'DESIGN 8',
    behaviour: 'A timeline is not watched by who may not see it, nor from where the journal has not come to.',
  },
  {
    id: 'TL-12',
    source: ISSUE,
    behaviour: 'Once a context is erased its timeline tells only that its messages and tasks were, and how they ended.',
  },
  { id: 'TL-10', source: 'DESIGN 8', behaviour: 'Who may no longer see what a timeline tells is told nothing more.' },
  { id: 'TL-11', source: 'DESIGN 10', behaviour: 'What a watcher of a timeline takes in memory is bounded.' },
];
