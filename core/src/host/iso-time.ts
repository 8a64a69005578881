/** Bounds what is kept: a place for each of so many milliseconds. */
const PLACES = 64;
const times = new Array<number>(PLACES).fill(NaN);
const texts = new Array<string>(PLACES).fill('');

/**
 * A time as RFC 3339, UTC. The texts of the last milliseconds are kept: under load, much happens within one, and each message and task says
 * several times when.
 *
 * @param ms wall-clock milliseconds
 */
export function isoTime(ms: number): string {
  const place = Math.trunc(ms) & (PLACES - 1);
  if (times[place] !== ms) {
    texts[place] = new Date(ms).toISOString();
    times[place] = ms;
  }
  return texts[place] ?? '';
}
