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
    behaviour: 'The host gives a plugin exactly config, services, log, emit and defer.',
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
];
