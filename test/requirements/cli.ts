import type { Requirement } from './requirement.js';

const ISSUE = 'Issue 2, Command line';

export const cli: readonly Requirement[] = [
  {
    id: 'CLI-01',
    source: ISSUE,
    behaviour: 'The commands of the issue are there; help goes to stdout and ends with 0.',
  },
  { id: 'CLI-02', source: ISSUE, behaviour: 'Every command has help with examples.' },
  {
    id: 'CLI-03',
    source: ISSUE,
    behaviour: 'Help is there at once: no command and no library of the daemon is loaded for it.',
  },
  {
    id: 'CLI-04',
    source: ISSUE,
    behaviour: 'A wrong command line is named with the nearest right one, and ends with 2.',
  },
  { id: 'CLI-05', source: ISSUE, behaviour: 'With --json an error is an object on stderr, with its exit code.' },
  {
    id: 'CLI-06',
    source: ISSUE,
    behaviour:
      'Where no daemon answers, the message says where it was looked for, and what starts one; it ends with 4.',
  },
  {
    id: 'CLI-07',
    source: 'FAULTS, shapes behind advisories 2',
    behaviour: 'The local key is sent to the local daemon only.',
  },
  {
    id: 'CLI-08',
    source: ISSUE,
    behaviour: 'Completion scripts for bash, zsh and fish know commands, options, choices and methods.',
  },
  {
    id: 'CLI-09',
    source: ISSUE,
    behaviour: 'Exit codes are stable and documented in one table, and every command in one page.',
  },
  {
    id: 'CLI-10',
    source: ISSUE,
    behaviour: 'config validate says whether the daemon would accept a configuration, with file and line.',
  },
  { id: 'CLI-11', source: ISSUE, behaviour: 'config show says which value holds and where it comes from.' },
  { id: 'CLI-12', source: ISSUE, behaviour: 'config schema is the JSON Schema of the configuration file.' },
  {
    id: 'CLI-13',
    source: 'Issue 2, What it must show 6',
    behaviour: 'plugin new writes a complete package that passes its own test at once.',
  },
  {
    id: 'CLI-14',
    source: ISSUE,
    behaviour: 'journal verify checks a journal without a daemon and names the first bad record.',
  },
  { id: 'CLI-15', source: ISSUE, behaviour: 'doctor says of each thing that is wrong what to do, and ends with 10.' },
  {
    id: 'CLI-16',
    source: 'DESIGN 12',
    behaviour:
      'Commands find the daemon by option, environment or the data directories of this machine, in this order.',
  },
  {
    id: 'CLI-17',
    source: 'Issue 2, What it must show 1',
    behaviour:
      'dev runs a daemon with two agents that answer each other, from nothing, still authenticated, and prints what to try.',
  },
  {
    id: 'CLI-18',
    source: ISSUE,
    behaviour: 'A second dev says that one runs and how to use it; after a kill it starts again on the same data.',
  },
  { id: 'CLI-19', source: 'STYLE 7', behaviour: 'What the documentation tells a reader to type works.' },
  {
    id: 'CLI-20',
    source: ISSUE,
    behaviour: "status and agents are tables for people and the methods' answers with --json.",
  },
  {
    id: 'CLI-21',
    source: ISSUE,
    behaviour: 'request asks an agent or a skill, with JSON, text or stdin, and prints parts as they come.',
  },
  {
    id: 'CLI-22',
    source: ISSUE,
    behaviour: 'What the daemon refuses has its own exit code, its text, its hint and the error object.',
  },
  { id: 'CLI-23', source: ISSUE, behaviour: 'keys creates, lists, rotates and revokes.' },
  {
    id: 'CLI-24',
    source: 'Issue 2, Programs the daemon runs',
    behaviour: 'agents programs, logs, restart and stop are about the programs that the daemon runs.',
  },
  {
    id: 'CLI-25',
    source: ISSUE,
    behaviour: 'events --follow misses nothing, gives nothing twice, and says on Ctrl-C where to go on.',
  },
  { id: 'CLI-26', source: ISSUE, behaviour: 'A reader that closes the pipe early is no error.' },
  {
    id: 'CLI-27',
    source: 'Issue 2, What it must show 6',
    behaviour: 'A plugin written by plugin new loads from a plugin root without being named.',
  },
  {
    id: 'CLI-28',
    source: 'issue 2, auth-apikey',
    behaviour: 'A lost admin key is replaced while the daemon is stopped, and only then.',
  },
  { id: 'CLI-29', source: 'DESIGN 11', behaviour: 'The example configurations are valid.' },
  {
    id: 'CLI-30',
    source: 'issue 3',
    behaviour:
      'contexts begins a conversation, says something in it, and shows, reads, follows, exports and erases it.',
  },
  {
    id: 'CLI-31',
    source: 'issue 3',
    behaviour:
      'tasks submits work, lists, shows, watches, answers and cancels it; --wait ends with 0 only when it was completed.',
  },
  {
    id: 'CLI-32',
    source: 'issue 3',
    behaviour: 'state writes a field, also only at a revision, and shows the document and its history.',
  },
  {
    id: 'CLI-33',
    source: 'issue 3',
    behaviour:
      'send leaves a message, also for an agent that is away; its receipt and the inbox can be looked at, and --wait ends with 0 only when it was handled.',
  },
  {
    id: 'CLI-34',
    source: 'issue 3',
    behaviour:
      'inbox list shows what waits; messages explain says who would get a message and why, messages watch what becomes of those that were sent, from where an earlier run stopped.',
  },
  {
    id: 'CLI-35',
    source: 'issue 3',
    behaviour: 'dead-letters lists, shows, redelivers and discards what nobody could handle.',
  },
  {
    id: 'CLI-60',
    source: 'issue 3',
    behaviour: 'send --context sends in a conversation, to one agent or to all who speak in it, and waits for each.',
  },
  {
    id: 'CLI-36',
    source: 'issue 3',
    behaviour: 'timeline draws what happened because of what as a tree, and follows it as it happens.',
  },
  {
    id: 'CLI-61',
    source: 'issue 3',
    behaviour:
      'state patch changes several fields or parts of one by JSON Merge Patch or JSON Patch, of an agent or a context.',
  },
  {
    id: 'CLI-62',
    source: 'issue 3',
    behaviour: 'state watch follows the writes to a document, from where an earlier run stopped.',
  },
  {
    id: 'CLI-80',
    source: 'issue 4',
    behaviour:
      'mcp add puts a server behind the daemon and waits until it is ready or says why it is not; list, status, logs, restart and remove follow.',
  },
  {
    id: 'CLI-81',
    source: 'issue 4',
    behaviour:
      'mcp import shows what would run and what is refused, reads JSON with comments, and does it once the digest is confirmed.',
  },
  {
    id: 'CLI-82',
    source: 'issue 4',
    behaviour:
      'mcp stdio connects clients of both eras that can only start programs: nothing but messages on stdout, exit 0 when stdin ends.',
  },
  {
    id: 'CLI-83',
    source: 'issue 4',
    behaviour: 'tools call prints what a tool answers, its progress on stderr, and what is wrong with arguments.',
  },
  { id: 'CLI-84', source: 'issue 4', behaviour: 'Ctrl-C cancels a tool call at its provider.' },
  {
    id: 'CLI-85',
    source: 'issue 4',
    behaviour:
      'tools approvals shows calls that wait with their exact arguments; tools decide lets one through or denies it.',
  },
  {
    id: 'CLI-86',
    source: 'issue 4',
    behaviour:
      'tools list, search and show print what the caller may use; pending, diff, approve and reject deal with changed definitions, whose invisible characters are written out.',
  },
  {
    id: 'CLI-87',
    source: 'DESIGN 4',
    behaviour:
      'A name that the daemon does not know comes with the one that was probably meant, among those that the caller may see, and with where they are listed.',
  },
  {
    id: 'CLI-88',
    source: 'issue 3',
    behaviour:
      'tasks show lists the artifacts of a task; tasks artifact prints one as it is, text or bytes, at the pace of whoever reads.',
  },
];
