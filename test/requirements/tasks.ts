import type { Requirement } from './requirement.js';

const ISSUE = 'issue 3, tasks';

export const tasks: readonly Requirement[] = [
  {
    id: 'TASK-01',
    source: ISSUE,
    behaviour: 'Only the transitions of one table are possible, each for its actor; final states are final.',
  },
  { id: 'TASK-02', source: 'DESIGN 7', behaviour: 'Attempts and epochs of a task only rise.' },
  {
    id: 'TASK-03',
    source: 'issue 3, tasks',
    behaviour: 'A task that a worker has room for costs two commits: accepted and assigned, done.',
  },
  {
    id: 'TASK-04',
    source: 'issue 3, tasks',
    behaviour: 'A worker may answer the assignment itself with its output or its error.',
  },
  {
    id: 'TASK-05',
    source: 'DESIGN 7',
    behaviour: 'A worker that is done with a task gets the next one in the same commit.',
  },
  {
    id: 'TASK-06',
    source: 'issue 3, tasks',
    behaviour: 'Tasks go by priority, then by age, to an agent or to the least loaded one with the skill.',
  },
  {
    id: 'TASK-07',
    source: 'DESIGN 10',
    behaviour: 'Tasks that wait are bounded, and refused past the bound with inbox_full.',
  },
  {
    id: 'TASK-08',
    source: 'issue 3, tasks',
    behaviour: 'Workers that only call pull their tasks, several in one commit.',
  },
  {
    id: 'TASK-09',
    source: 'DESIGN 4',
    behaviour: 'One idempotency key has one answer; with other params or another input it is a conflict.',
  },
  {
    id: 'TASK-10',
    source: 'DESIGN 8',
    behaviour: 'A task is seen by those who are party to it and administrators only.',
  },
  {
    id: 'TASK-11',
    source: 'issue 3, tasks',
    behaviour: 'Failed attempts are retried by the policy of the task with backoff, then end as a dead letter.',
  },
  {
    id: 'TASK-12',
    source: 'DESIGN 7',
    behaviour: 'A worker whose connection ended may come back within the grace; after it another gets the task.',
  },
  { id: 'TASK-13', source: 'DESIGN 7', behaviour: 'Four time limits: queued, running, total, heartbeat.' },
  {
    id: 'TASK-14',
    source: 'issue 3, tasks',
    behaviour: 'Results of attempts that are over are refused as stale, and kept in the record.',
  },
  {
    id: 'TASK-15',
    source: 'FAULTS F35',
    behaviour:
      'A task that crashes its workers is worked on alone from then on, so that others lose one attempt at most.',
  },
  {
    id: 'TASK-16',
    source: 'DESIGN 7',
    behaviour: 'A stop of the daemon loses no task: leases are returned in order, or run out after it.',
  },
  {
    id: 'TASK-17',
    source: 'issue 3, tasks',
    behaviour: 'Cancellation reaches the worker, or takes the task out of its queue.',
  },
  { id: 'TASK-18', source: 'issue 3, tasks', behaviour: 'Cancellation cascades to sub-tasks of all depths.' },
  {
    id: 'TASK-19',
    source: 'issue 3, tasks',
    behaviour: 'Sub-tasks carry their causal chain; depth and fan-out are limited, with the chain in the error.',
  },
  {
    id: 'TASK-20',
    source: 'issue 3, tasks',
    behaviour: 'Sub-tasks spend of the budget of the task above: a part reserved for them, or directly.',
  },
  {
    id: 'TASK-21',
    source: 'issue 3, tasks',
    behaviour: 'A watcher sees every event of a task once, in order, or cursor_expired.',
  },
  {
    id: 'TASK-22',
    source: 'DESIGN 10',
    behaviour: 'Ended tasks are kept for a time, then forgotten with all that belongs to them.',
  },
  {
    id: 'TASK-23',
    source: 'issue 3, tasks',
    behaviour:
      'A worker asks for input or authorization, and gets the answer on any connection; its time stands still meanwhile.',
  },
  {
    id: 'TASK-24',
    source: 'issue 3, tasks',
    behaviour:
      'Artifacts come in chunks and versions, larger than a frame, each chunk once, bounded in number and bytes.',
  },
  {
    id: 'TASK-25',
    source: 'issue 3, tasks',
    behaviour: 'While the daemon goes away no tasks are given out, and those that end in time are completed.',
  },
  {
    id: 'TASK-26',
    source: 'issue 3, Messages',
    behaviour:
      'A task whose attempts are used up is among the dead letters with its input; an operator submits it once more, or gives it up, once.',
  },
  {
    id: 'TASK-27',
    source: 'issue 3, What to build',
    behaviour:
      'Why a task is where it is can be asked: what it waits for and until when, who has it, and of each agent why it does not get it.',
  },
  {
    id: 'F34',
    source: 'FAULTS F34',
    behaviour:
      'A task or message whose worker died goes out again with attempt + 1, up to a limit, then to the dead letters; late results are refused, those of tasks kept.',
  },
  {
    id: 'F35',
    source: 'FAULTS F35',
    behaviour:
      'A task or message that crashes every worker ends as a dead letter with an alarm; the queue behind it flows.',
  },
  {
    id: 'F86',
    source: 'FAULTS F86',
    behaviour:
      'A task or message that never ends is returned at the deadline of a stop, visible as interrupted, and goes on after it.',
  },
  {
    id: 'TASK-28',
    source: 'FAULTS F35',
    behaviour:
      'A task that its worker was lost with is worked on alone for a while only: tasks of one worker that wait for each other go on.',
  },
  {
    id: 'TASK-29',
    source: 'DESIGN 10',
    behaviour: 'A task for which its worker’s connection has no room is tried again after a while, not at once.',
  },
];
