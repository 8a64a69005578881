import { token } from '../plugin/token.js';

/** What a secret's reference looks like: `file:/absolute/path`, `env:NAME`, `credential:NAME`. */
export const SECRET_REFERENCE = /^(?:file:\/.+|env:[A-Za-z_][A-Za-z0-9_]*|credential:[A-Za-z0-9._-]+)$/;

/** Reads what the configuration only refers to. */
export interface Secrets {
  /**
   * The secret behind a reference, read anew each time; never to be logged.
   *
   * @param reference `file:/absolute/path`, `env:NAME` or `credential:NAME`
   * @throws Error naming the reference and what is missing; never the secret
   */
  read(reference: string): Promise<string>;
}
/** Token of {@link Secrets}. */
export const Secrets = token<Secrets>('secrets');
