import type { Principal } from '../permissions/principal.js';

/** What decisions about a principal depend on. */
export function keyOf({ id, roles }: Principal): string {
  return `${roles.join(' ')} ${id}`;
}
