import { token } from '../plugin/token.js';

/** Severity of a line, lowest first. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** A structured logger. Fields come first so that a message cannot be mistaken for them; secrets are redacted by name. */
export interface Log {
  trace(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  fatal(fields: object, message: string): void;
  /** A logger of the same sink with a name of its own, whose level can be set apart. */
  child(name: string): Log;
}
/** Token of {@link Log}. */
export const Log = token<Log>('log');
