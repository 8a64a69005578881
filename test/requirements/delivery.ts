import type { Requirement } from './requirement.js';

const SOURCE = 'issue 3, must show 1';

export const delivery: readonly Requirement[] = [
  {
    id: 'DELIVERY-01',
    source: SOURCE,
    behaviour: 'The model of the delivery harness finds each kind of violation where one is planted, and no other.',
  },
  {
    id: 'DELIVERY-02',
    source: SOURCE,
    behaviour:
      'While the daemon, agents and sockets are killed, frozen and cut at random, each accepted message and task has exactly one outcome; keys have one effect, inboxes their order, receipts are true, transcripts tell of what was sent in them, late acks are refused, and the journal verifies. So it is for messages that are pulled or go to all of a context, sub-tasks, cancellations, input that workers ask for, chunks of artifacts, and dead letters that are redelivered or discarded.',
  },
  { id: 'DELIVERY-03', source: SOURCE, behaviour: 'The same holds while the power of the disk is cut at random.' },
  {
    id: 'DELIVERY-04',
    source: 'issue 3, must show 4',
    behaviour: 'A message at the size limit is taken; one over it ends the connection that it came on, and no other.',
  },
  {
    id: 'DELIVERY-05',
    source: 'DESIGN 11',
    behaviour:
      'Names are of a fixed character set: those that differ only in their Unicode form are refused, or stand for different principals.',
  },
  {
    id: 'DELIVERY-06',
    source: 'issue 3, must show 3',
    behaviour:
      'Whichever event of a streaming task its connection is cut at, the client sees every event once, in order, or cursor_expired.',
  },
  {
    id: 'DELIVERY-07',
    source: 'issue 3, tasks',
    behaviour: 'Artifacts of 16 MiB and more are written and read by chunks, whole, over connections that are cut.',
  },
  {
    id: 'DELIVERY-08',
    source: 'issue 3, must show 5',
    behaviour:
      'A producer that is faster than its consumer is refused with inbox_full while memory stays flat and others are answered.',
  },
  {
    id: 'DELIVERY-09',
    source: 'issue 3, must show 5',
    behaviour: 'A store with 1,000,000 messages that wait starts in under 3 s and takes bounded memory.',
  },
  {
    id: 'DELIVERY-10',
    source: 'issue 3, must show 4',
    behaviour: 'Loops and fan-out bombs of messages and of tasks end, with the chain in the error.',
  },
];
