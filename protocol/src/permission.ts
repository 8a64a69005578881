/** What may be done, as `noun:verb`; roles and policies grant these. Plugins may use names of their own. */
export type Permission = `${string}:${string}`;

/** A named set of permissions that a key carries. */
export const ROLES = ['admin', 'operator', 'agent', 'observer'] as const;
/** One of {@link ROLES}. */
export type Role = (typeof ROLES)[number];
