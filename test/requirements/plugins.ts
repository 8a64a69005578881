import type { Requirement } from './requirement.js';

export const plugins: readonly Requirement[] = [
  {
    id: 'PLUGIN-01',
    source: 'DESIGN 3',
    behaviour:
      'A plugin starts after those whose services it requires; otherwise the order of the configuration is kept.',
  },
  {
    id: 'PLUGIN-02',
    source: 'DESIGN 3',
    behaviour: 'Missing, doubled and circular providers are named with the chain before any code runs.',
  },
  {
    id: 'PLUGIN-03',
    source: 'DESIGN 3',
    behaviour: 'A plugin that needs another version of the contract is refused by name, with what to do.',
  },
  {
    id: 'PLUGIN-04',
    source: 'issue 2, core',
    behaviour:
      "A plugin's configuration is checked against its schema: defaults filled, unknown keys refused with the nearest known one.",
  },
  {
    id: 'PLUGIN-05',
    source: 'DESIGN 3',
    behaviour: 'The host gives a plugin exactly config, services, log, emit, stopMs, defer and onReload.',
  },
  {
    id: 'PLUGIN-06',
    source: 'DESIGN 3',
    behaviour: 'Services are handed on, and plugins stop in the reverse order of their start.',
  },
  {
    id: 'PLUGIN-07',
    source: 'DESIGN 3',
    behaviour: 'Methods are registered under the name of their plugin and taken away when it stops.',
  },
  {
    id: 'PLUGIN-08',
    source: 'DESIGN 3',
    behaviour: 'A plugin that does not hand back every declared service and handler is refused.',
  },
  {
    id: 'PLUGIN-09',
    source: 'DESIGN 2',
    behaviour: 'A required plugin that cannot start stops the start with its reason.',
  },
  {
    id: 'PLUGIN-10',
    source: 'DESIGN 3',
    behaviour: 'Only declared events are emitted; while there is no journal the emitter is told.',
  },
  {
    id: 'PLUGIN-11',
    source: 'FAULTS F15',
    behaviour: 'A reload restarts the plugins whose configuration changed and those that need them, nothing else.',
  },
  {
    id: 'PLUGIN-12',
    source: 'FAULTS F15',
    behaviour: 'A reload that one plugin refuses is refused whole; the earlier configurations serve on.',
  },
  {
    id: 'F18',
    source: 'FAULTS F18',
    behaviour: 'Whoever blocks the event loop is named in log, metric and status, with what to do.',
  },
  {
    id: 'F20',
    source: 'FAULTS F20',
    behaviour:
      'An error that nobody caught is traced to its plugin, which is restarted or stopped by intensity; the daemon lives.',
  },
  {
    id: 'F59',
    source: 'FAULTS F59',
    behaviour:
      'A plugin that throws at start is a status when optional and ends the start when required, with its reason.',
  },
  { id: 'F60', source: 'FAULTS F60', behaviour: 'A start that never ends is given up at its deadline and undone.' },
  {
    id: 'F61',
    source: 'FAULTS F61',
    behaviour: 'A stop that hangs is named at its deadline; the next plugins still stop.',
  },
  {
    id: 'F63',
    source: 'FAULTS F63',
    behaviour: 'A plugin for a newer contract, and a circle of plugins, are refused with a readable chain.',
  },
  {
    id: 'PLUGIN-13',
    source: 'issue 2, 6',
    behaviour: 'A plugin in an allow-listed directory is loaded without a line changed elsewhere.',
  },
  {
    id: 'PLUGIN-14',
    source: 'issue 2, core',
    behaviour: 'No code is loaded from outside the allow-listed roots, through links, or from where anybody may write.',
  },
  {
    id: 'PLUGIN-15',
    source: 'STYLE 6',
    behaviour: 'What is not a plugin is named with its file and everything that is missing.',
  },
  { id: 'PLUGIN-16', source: 'DESIGN 2', behaviour: 'Packages are loaded by name, and by nothing but a name.' },
  { id: 'PLUGIN-17', source: 'issue 2, 6', behaviour: 'A plugin can be started and tested without a daemon.' },
  {
    id: 'PLUGIN-18',
    source: 'issue 4',
    behaviour: 'A plugin can take a new configuration while it runs, and is restarted only for what it cannot take.',
  },
];
