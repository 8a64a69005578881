import type { Requirement } from './requirement.js';

export const supervisor: readonly Requirement[] = [
  {
    id: 'PROGRAM-01',
    source: 'DESIGN, FAULTS shape 5',
    behaviour: 'A program runs without a shell of its own, in a cleaned environment and its own working directory.',
  },
  {
    id: 'PROGRAM-02',
    source: 'issue 2, programs',
    behaviour: 'Only an absolute path of an executable file is run, each under a unique name.',
  },
  {
    id: 'PROGRAM-03',
    source: 'issue 2, programs',
    behaviour:
      'A program that ends is started again by intensity with backoff, then given up with the end of its stderr.',
  },
  { id: 'PROGRAM-04', source: 'issue 2, programs', behaviour: 'A restart forgets earlier failures.' },
  {
    id: 'PROGRAM-05',
    source: 'FAULTS F41',
    behaviour:
      'A stop sends TERM, then KILL to the whole group and to what left it, and is done when all of it is gone.',
  },
  { id: 'PROGRAM-06', source: 'FAULTS F41', behaviour: 'What a program leaves behind is killed before its next run.' },
  {
    id: 'PROGRAM-07',
    source: 'issue 2, programs',
    behaviour: 'Restarts and stops that overlap end in what was asked for last.',
  },
  {
    id: 'PROGRAM-08',
    source: 'issue 2, programs',
    behaviour: 'Output is kept line by line, bounded in lines and bytes; what falls out is counted.',
  },
  {
    id: 'PROGRAM-09',
    source: 'FAULTS F40',
    behaviour: 'A line past the limit is cut and marked, its rest is not kept.',
  },
  {
    id: 'PROGRAM-10',
    source: 'FAULTS F40',
    behaviour: 'A program that floods is slowed down; memory and the event loop stay free.',
  },
  { id: 'PROGRAM-11', source: 'issue 2, programs', behaviour: 'The streams of a program can be handed to its owner.' },
  {
    id: 'PROGRAM-12',
    source: 'FAULTS F42',
    behaviour: 'A sentinel that is killed is replaced, and watches every program again.',
  },
  {
    id: 'PROGRAM-13',
    source: 'FAULTS F42',
    behaviour: 'Programs, their children and grandchildren die with the daemon, even by kill -9.',
  },
  {
    id: 'PROGRAM-14',
    source: 'FAULTS F40',
    behaviour:
      'A program that floods for too long, or writes a line without an end, is killed, which counts as an unexpected end.',
  },
  {
    id: 'PROGRAM-15',
    source: 'MCP 2026-07-28 stdio: shutdown',
    behaviour:
      'A program that is talked to is told to end by the end of its stdin, where its owner wants that, and gets TERM only when that does not end it in time.',
  },
  {
    id: 'F40',
    source: 'FAULTS F40',
    behaviour:
      'A program that floods is slowed down and killed past a limit, again and again until it is given up; the daemon answers meanwhile.',
  },
];
