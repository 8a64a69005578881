import type { Requirement } from './requirement.js';

const ISSUE = 'issue 3';

export const messages: readonly Requirement[] = [
  {
    id: 'MSG-01',
    source: ISSUE,
    behaviour: 'A message is taken in, handed to its agent and settled with two commits, each with its record.',
  },
  { id: 'MSG-02', source: 'DESIGN 7', behaviour: 'What is sent to an agent that is away waits, and keeps its order.' },
  {
    id: 'MSG-03',
    source: 'DESIGN 7',
    behaviour: 'Recipients get messages by window, in messages and bytes; an end and the next claim are one commit.',
  },
  {
    id: 'MSG-04',
    source: 'DESIGN 7',
    behaviour: 'An inbox is bounded and refuses with inbox_full; two inboxes never wait for each other.',
  },
  { id: 'MSG-05', source: ISSUE, behaviour: 'Messages go by priority, and none starves.' },
  {
    id: 'MSG-06',
    source: 'DESIGN 4',
    behaviour: 'A send with an idempotency key has one effect; the key with another payload is a conflict.',
  },
  { id: 'MSG-07', source: ISSUE, behaviour: "A message to a skill is checked against the skill's schema." },
  {
    id: 'MSG-08',
    source: ISSUE,
    behaviour: 'Correlation, cause, trace and hops pass from message to message.',
  },
  { id: 'MSG-09', source: 'DESIGN 7', behaviour: 'A loop ends at the hop limit with the chain in the error.' },
  { id: 'MSG-10', source: ISSUE, behaviour: 'A delivery is settled by its answer or by message.ack, once.' },
  { id: 'MSG-11', source: 'DESIGN 7', behaviour: 'A late ack is refused as stale_attempt and changes nothing.' },
  {
    id: 'MSG-12',
    source: 'DESIGN 7',
    behaviour: 'What fails comes again with backoff, and is a dead letter after its last attempt.',
  },
  { id: 'MSG-13', source: ISSUE, behaviour: 'What fails for good, or is refused, is not tried again.' },
  { id: 'MSG-14', source: ISSUE, behaviour: 'A message is handed back with a delay, or for good.' },
  {
    id: 'MSG-15',
    source: ISSUE,
    behaviour: 'A message that is not settled in its visibility time comes again; the time can be extended.',
  },
  {
    id: 'MSG-16',
    source: ISSUE,
    behaviour: 'What a connection had when it ended, or was replaced, goes to the next one in order, with attempt + 1.',
  },
  { id: 'MSG-17', source: ISSUE, behaviour: 'An agent that is suspended or draining gets nothing new.' },
  { id: 'MSG-18', source: 'DESIGN 7', behaviour: 'A message that nobody has in its time expires.' },
  { id: 'MSG-19', source: 'DESIGN 7', behaviour: 'A receipt is for the sender, the recipient and the administrator.' },
  {
    id: 'MSG-20',
    source: ISSUE,
    behaviour: 'An accepted message survives kill -9 wherever it was, and is delivered again with a higher attempt.',
  },
  {
    id: 'MSG-21',
    source: ISSUE,
    behaviour:
      'Queues lose nothing acknowledged, give nothing out twice and keep their order, whenever the power goes.',
  },
  { id: 'MSG-22', source: ISSUE, behaviour: 'An agent may pull messages, and wait for them, within bounds.' },
  { id: 'MSG-23', source: ISSUE, behaviour: 'An inbox is listed by page, with what each message waits for.' },
  {
    id: 'MSG-24',
    source: ISSUE,
    behaviour: 'A sender follows its receipts from any cursor, each once and in order, or gets cursor_expired.',
  },
  {
    id: 'MSG-25',
    source: 'DESIGN 7',
    behaviour: 'Dead letters are listed, shown, sent once more under a new id, or given up; they are bounded.',
  },
  {
    id: 'MSG-26',
    source: ISSUE,
    behaviour: 'Routing goes by skill, label, version, load and conversation, and explains itself.',
  },
  {
    id: 'MSG-27',
    source: 'FAULTS F35',
    behaviour:
      'A message with which its agent was lost is handed out alone from then on, for a time, so that others lose one attempt at most.',
  },
  {
    id: 'MSG-28',
    source: 'FAULTS F86',
    behaviour:
      'A stop waits for messages that agents have, up to its deadline; then they are returned without loss of an attempt.',
  },
  {
    id: 'MSG-30',
    source: ISSUE,
    behaviour:
      'A message of a context is told in its transcript in the same commit; who reads the context may read its receipt.',
  },
  {
    id: 'MSG-31',
    source: ISSUE,
    behaviour: 'A message is put into a context by who speaks in it while it is open, and may go to any agent.',
  },
  { id: 'MSG-32', source: ISSUE, behaviour: 'What is sent or submitted while a message is handled is in its context.' },
  {
    id: 'MSG-33',
    source: ISSUE,
    behaviour:
      'A message to a context is one for each agent that speaks in it but the sender, in one commit, once for its key.',
  },
  { id: 'MSG-34', source: 'DESIGN 10', behaviour: 'A message to a context is bounded, and goes to all or to none.' },
  {
    id: 'MSG-35',
    source: ISSUE,
    behaviour:
      'Erasing a context cancels its messages that are pending and takes all content of the others; their outcomes stay.',
  },
  {
    id: 'MSG-36',
    source: ISSUE,
    behaviour: 'What a worker sends for its task is in the context of the task, whether or not the worker takes part.',
  },
  {
    id: 'MSG-37',
    source: ISSUE,
    behaviour: 'That a message of a context was not handled is told in its transcript, in the commit that settles it.',
  },
  {
    id: 'MSG-38',
    source: 'DESIGN 7',
    behaviour:
      'A message that was not handed out, as its agent’s connection had no room or ended before, waits for another time and uses up none of its attempts.',
  },
  {
    id: 'MSG-39',
    source: 'DESIGN 7',
    behaviour:
      'A pull that is canceled when it has claimed messages gives them back at once; it uses up none of their attempts.',
  },
];
