import { Type } from '../type.js';
import { method } from '../method.js';
import { Exactly, Time } from '../schemas.js';

const ProgramName = Type.String({
  pattern: '^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$',
  description: 'Name in the configuration.',
});

/** A program that the daemon runs, as its supervisor sees it. */
export const ProgramStatus = Exactly({
  name: ProgramName,
  state: Type.Union([
    Type.Literal('starting'),
    Type.Literal('running'),
    Type.Literal('backoff'),
    Type.Literal('stopping'),
    Type.Literal('stopped'),
    Type.Literal('failed'),
  ]),
  pid: Type.Optional(Type.Integer()),
  startedAt: Type.Optional(Time),
  restarts: Type.Integer(),
  exit: Type.Optional(Type.String({ description: 'How it last ended: "code 1", "signal SIGKILL".' })),
  reason: Type.Optional(Type.String({ description: 'Why it was given up.' })),
});

export const programList = method({
  name: 'program.list',
  summary: 'Programs that the daemon runs.',
  permission: 'program:read',
  params: Exactly({}),
  result: Exactly({ entries: Type.Array(ProgramStatus) }),
});

export const programLogs = method({
  name: 'program.logs',
  summary: 'The last lines that a program printed.',
  permission: 'program:read',
  params: Exactly({
    name: ProgramName,
    lines: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  }),
  result: Exactly({
    entries: Type.Array(
      Exactly({
        time: Time,
        stream: Type.Union([Type.Literal('stdout'), Type.Literal('stderr')]),
        line: Type.String(),
        truncated: Type.Optional(Type.Boolean()),
      }),
    ),
    dropped: Type.Integer({ description: 'Lines that fell out of the bounds.' }),
  }),
  errors: ['not_found'],
});

export const programRestart = method({
  name: 'program.restart',
  summary: 'Stop a program and start it again; forgets its earlier failures.',
  permission: 'program:admin',
  effect: true,
  params: Exactly({ name: ProgramName }),
  result: ProgramStatus,
  errors: ['not_found'],
});

export const programStop = method({
  name: 'program.stop',
  summary: 'Stop a program until it is restarted.',
  permission: 'program:admin',
  effect: true,
  params: Exactly({ name: ProgramName }),
  result: ProgramStatus,
  errors: ['not_found'],
});
