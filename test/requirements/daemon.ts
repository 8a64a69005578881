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
];
