import { token } from '../plugin/token.js';

/** Where this daemon keeps everything durable; nobody but its user can read it. */
export interface DataDirectory {
  /** Absolute; it exists. */
  readonly path: string;
}
/** Token of {@link DataDirectory}. */
export const DataDirectory = token<DataDirectory>('data-directory');
