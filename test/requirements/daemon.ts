import type { Requirement } from './requirement.js';

export const daemon: readonly Requirement[] = [
  {
    id: 'DAEMON-01',
    source: 'issue 2, daemon',
    behaviour:
      'Configuration comes from flags over environment over file over defaults, with the origin of each value.',
  },
  {
    id: 'DAEMON-02',
    source: 'DESIGN 11',
    behaviour: 'An unknown key is an error that names the nearest known one.',
  },
  {
    id: 'DAEMON-03',
    source: 'issue 2, daemon',
    behaviour: 'Everything that is wrong is said at once, with file, line, key and what was expected.',
  },
  {
    id: 'DAEMON-04',
    source: 'DESIGN 11',
    behaviour: 'No secret stands in a configuration file.',
  },
  {
    id: 'DAEMON-05',
    source: 'DESIGN 8',
    behaviour: 'TLS is required off loopback.',
  },
  {
    id: 'DAEMON-06',
    source: 'issue 2, daemon',
    behaviour: 'Secrets are file:, env: and credential: references that are resolved when they are needed.',
  },
  { id: 'DAEMON-07', source: 'issue 2, daemon', behaviour: 'Child loggers are named after plugins.' },
  {
    id: 'DAEMON-08',
    source: 'issue 2, daemon',
    behaviour: 'Logs carry no secret: neither by the name of a member nor a key of ours in a text.',
  },
  {
    id: 'DAEMON-09',
    source: 'issue 2, daemon',
    behaviour: 'The log level changes while running, of everything or of one plugin.',
  },
  {
    id: 'DAEMON-10',
    source: 'DESIGN 10',
    behaviour: 'The log is bounded: past its bound lines are dropped and counted.',
  },
  {
    id: 'DAEMON-11',
    source: 'issue 2, daemon',
    behaviour:
      'A daemon starts its plugins, says so in its status, journals its start and stop, and ends with 0 on SIGTERM.',
  },
  {
    id: 'DAEMON-12',
    source: 'DESIGN 8 and 12',
    behaviour: 'Probes are public; everything else on HTTP needs a key that may, a Host and an Origin that are ours.',
  },
  { id: 'DAEMON-13', source: 'DESIGN 11', behaviour: 'A port in use stops the start with the key to change.' },
  { id: 'DAEMON-14', source: 'issue 2, daemon', behaviour: 'systemd-analyze verify prints nothing about the unit.' },
  { id: 'DAEMON-15', source: 'issue 2, daemon', behaviour: 'The unit has an exposure of at most 1.5.' },
  {
    id: 'F14',
    source: 'FAULTS F14',
    behaviour: 'A configuration that is cut off is refused with its line; a running daemon keeps the earlier one.',
  },
  {
    id: 'F15',
    source: 'FAULTS F15',
    behaviour: 'A configuration that a plugin rejects at reload is refused as a whole; the earlier generation serves.',
  },
  {
    id: 'F16',
    source: 'FAULTS F16',
    behaviour:
      'A wall clock that jumps ends no lease and keeps ids rising; a key is over while the clock says so, not for good.',
  },
  {
    id: 'F19',
    source: 'FAULTS F19',
    behaviour:
      'Near its heap limit the daemon, as shipped, sheds load, then stops with a report and code 1 before V8 ends it, from 96 MiB of heap.',
  },
  {
    id: 'F21',
    source: 'FAULTS F21',
    behaviour:
      'With 128 file descriptors the daemon starts and keeps a reserve; who is one too many is told so or closed at once, with an alarm; others are served, and it recovers.',
  },
  {
    id: 'F22',
    source: 'FAULTS F22',
    behaviour: 'SIGTERM under load: clients are told, work in flight is finished, exit 0 within the deadline.',
  },
  {
    id: 'DAEMON-16',
    source: 'issue 2, programs',
    behaviour: 'Programs of the configuration run with a key and a clean environment of their own.',
  },
  {
    id: 'DAEMON-18',
    source: 'DESIGN 8',
    behaviour: 'Host and Origin are checked at the upgrade too, whatever key it brings.',
  },
  {
    id: 'DAEMON-17',
    source: 'issue 2, daemon',
    behaviour: 'SIGHUP applies access rules and rate limits to who is connected; rules that are none refuse it.',
  },
  {
    id: 'DAEMON-19',
    source: 'issue 2, daemon',
    behaviour: 'A SIGHUP during a reload is answered by one more reload after it.',
  },
  {
    id: 'DAEMON-20',
    source: 'issue 2, daemon',
    behaviour: 'Each reload names every key whose value waits for a restart.',
  },
  {
    id: 'DAEMON-31',
    source: 'issue 2, daemon',
    behaviour:
      'A second SIGTERM ends a drain at once, with the code that a plugin which does not stop in time brings too.',
  },
  {
    id: 'DAEMON-32',
    source: 'issue 2, daemon',
    behaviour: 'SIGHUP reads a renewed certificate; one that cannot be used is refused and the earlier one stays.',
  },
  {
    id: 'DAEMON-40',
    source: 'issue 2, must-show 3',
    behaviour: "V8's young generation stays at its limit.",
  },
  {
    id: 'DAEMON-41',
    source: 'issue 2, must-show 3',
    behaviour: 'The heap is collected before it has grown by more than a percentage.',
  },
  {
    id: 'DAEMON-42',
    source: 'issue 2, must-show 3',
    behaviour:
      'Beside four sockets that subscribe and never read, the whole daemon takes less than 150 MiB on Node 20.',
  },
  {
    id: 'DAEMON-43',
    source: 'DESIGN 10',
    behaviour: 'HTTP requests count towards the rate of their principal as calls do.',
  },
  {
    id: 'DAEMON-44',
    source: 'DESIGN 10',
    behaviour: 'Headers and bodies of HTTP requests are bounded, whether their length was said or not.',
  },
  {
    id: 'DAEMON-45',
    source: 'issue 4, must-show 6',
    behaviour:
      "The daemon's own reading of HTTP takes only requests that can be read in one way, and reads them as Node does.",
  },
  {
    id: 'DAEMON-46',
    source: 'issue 4, must-show 6',
    behaviour:
      'Whatever else comes over a connection is answered by Node, with nothing lost and in its order, over TLS as well.',
  },
  {
    id: 'DAEMON-47',
    source: 'issue 4, must-show 6',
    behaviour: 'Connections of plain requests are bounded in time and in what waits for their clients.',
  },
  {
    id: 'DAEMON-60',
    source: 'DESIGN 11',
    behaviour: 'A data directory that cannot be used stops the start with its name, the reason and the key to change.',
  },
];
