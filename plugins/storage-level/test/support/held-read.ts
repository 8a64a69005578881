import { Level } from 'level';

/** A read of LevelDB that goes on when it is let. */
export interface HeldRead {
  /** Resolves once the read has its snapshot. */
  readonly begun: Promise<void>;
  readonly release: () => void;
}

/** Holds the next read by an iterator, of whichever store, between its snapshot and its first entry. */
export function holdNextRead(): HeldRead {
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const prototype = Level.prototype as { iterator: (...options: unknown[]) => { nextv: (n: number) => unknown } };
  const inherited = prototype.iterator;
  prototype.iterator = function (...options) {
    prototype.iterator = inherited;
    const iterator = inherited.apply(this, options);
    const next = iterator.nextv.bind(iterator);
    iterator.nextv = async (count) => {
      begin();
      await released;
      return next(count);
    };
    return iterator;
  };
  return { begun, release };
}
