/** One exit code of `orchestrator`: its number and when it is used. Numbers are never reused. */
export interface ExitCodeRow {
  readonly code: number;
  readonly meaning: string;
}

/** Every exit code of the daemon and of the command line, by its stable name. `docs/reference/exit-codes.md` is this table. */
export const EXIT_CODES = {
  ok: { code: 0, meaning: 'Done. For the daemon: stopped in order.' },
  failure: { code: 1, meaning: 'It failed in a way that no other row describes; the message says how.' },
  usage: { code: 2, meaning: 'The command line is wrong: unknown command or option, missing or malformed argument.' },
  config: { code: 3, meaning: 'The configuration is not valid, or cannot be read.' },
  unreachable: { code: 4, meaning: 'No daemon answers at the address.' },
  unauthenticated: { code: 5, meaning: 'There is no key, or the daemon does not accept it.' },
  permission_denied: { code: 6, meaning: 'The key may not do this.' },
  not_found: { code: 7, meaning: 'What was named does not exist.' },
  refused: { code: 8, meaning: 'The daemon or an agent refused the call; the same call will be refused again.' },
  unavailable: {
    code: 9,
    meaning: 'It did not work now, and the same call can work later: time-out, offline, overload.',
  },
  findings: { code: 10, meaning: 'A check ran to its end and found something wrong (doctor, journal verify).' },
  locked: { code: 11, meaning: 'Another daemon is running on the data directory.' },
  port_in_use: { code: 12, meaning: 'A port that the daemon should listen on is taken.' },
  plugin_failed: { code: 13, meaning: 'A plugin that is required did not start.' },
  storage: { code: 14, meaning: 'The store cannot be opened; the message names the damage and the repair.' },
  stop_incomplete: { code: 15, meaning: 'The daemon stopped, but not everything finished within its deadline.' },
  interrupted: { code: 130, meaning: 'Ended by Ctrl-C (SIGINT) before it was done.' },
} as const satisfies Record<string, ExitCodeRow>;

/** The stable name of an exit code. */
export type ExitCodeName = keyof typeof EXIT_CODES;
