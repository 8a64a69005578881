import type { Store } from '../store.js';
import { commitContract } from './commit-contract.js';
import { journalContract } from './journal-contract.js';
import { purgeContract } from './purge-contract.js';
import { rangeContract } from './range-contract.js';
import { watchContract } from './watch-contract.js';

/** A store that a test may write to, empty at first. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Closes the store and opens what it kept again. */
  reopen(): Promise<Store>;
  /** Closes the store and removes what it kept. */
  dispose(): Promise<void>;
}

/** Makes a new, empty store. */
export type OpenStore = () => Promise<StoreUnderTest>;

/**
 * Declares, for mocha, what every implementation of {@link Store} must do.
 *
 * @param name of the implementation, for the title
 */
export function storeContract(name: string, open: OpenStore): void {
  describe(`${name} keeps the store contract`, () => {
    commitContract(open);
    rangeContract(open);
    watchContract(open);
    journalContract(open);
    purgeContract(open);
  });
}
