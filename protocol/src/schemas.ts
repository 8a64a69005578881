import type { Static, TSchema } from 'typebox';
import { Type } from './type.js';

/** An object that refuses members it does not name, as every params object does. */
export function Exactly<P extends Record<string, TSchema>>(properties: P, options: { description?: string } = {}) {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

const NAME = '^[a-zA-Z0-9](?:[a-zA-Z0-9._~-]*[a-zA-Z0-9])?$';

/** An agent's id: 1 to 128 ASCII letters, digits, `.`, `_`, `~`, `-`; begins and ends with a letter or digit. */
export const AgentId = Type.String({ pattern: NAME, minLength: 1, maxLength: 128, description: 'Agent id.' });
/** A skill's id, of the same form as an agent's. */
export const SkillId = Type.String({ pattern: NAME, minLength: 1, maxLength: 128, description: 'Skill id.' });
/** A context's id: a UUID, or a name that its maker gave it, of the same form as an agent's. */
export const ContextId = Type.String({ pattern: NAME, minLength: 1, maxLength: 128, description: 'Context id.' });
/** Who calls: what a credential stands for; 1 to 128 characters. */
export const PrincipalId = Type.String({ minLength: 1, maxLength: 128, description: 'Principal.' });
/** A semantic version (2.0.0), at most 64 characters. */
export const Version = Type.String({ format: 'semver', maxLength: 64, description: 'Semantic version.' });
/** A semantic version range as npm writes it, at most 128 characters. */
export const VersionRange = Type.String({ format: 'semver-range', maxLength: 128, description: 'Version range.' });
/** RFC 3339 time in UTC. */
export const Time = Type.String({ format: 'date-time', description: 'RFC 3339 time, UTC.' });
/** UUIDv7. */
export const Uuid = Type.String({ format: 'uuid', description: 'UUIDv7.' });
/** Where to go on reading: opaque, at most 512 characters. */
export const Cursor = Type.String({ minLength: 1, maxLength: 512, description: 'Opaque; from an earlier answer.' });
/** How many entries a page has: 1 to 1,000, 100 unless said. */
export const Limit = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Entries a page.' }),
);
/**
 * Same key and same params: same answer, once; other params: `conflict`. Kept 24 h. Printable ASCII: two keys that look the same are the
 * same.
 */
export const IdempotencyKey = Type.Optional(
  Type.String({
    pattern: '^[ -~]+$',
    minLength: 1,
    maxLength: 128,
    description: 'Repeats with this key have one effect.',
  }),
);
/** W3C trace context, version 00. */
export const Traceparent = Type.Optional(
  Type.String({ pattern: '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$', description: 'W3C trace context.' }),
);
/** Labels: at most 32, names and values at most 63 and 256 characters. */
export const Labels = Type.Record(
  Type.String({ pattern: '^[a-zA-Z0-9](?:[a-zA-Z0-9._/-]{0,62})$' }),
  Type.String({ maxLength: 256 }),
  {
    maxProperties: 32,
    description: 'Labels.',
  },
);
/** Any JSON value within the limits of a frame. */
export const Json = Type.Unknown({ description: 'Any JSON value.' });

/** A page of entries and, where there are more, the cursor that goes on. */
export function Page<T extends TSchema>(entry: T) {
  return Exactly({ entries: Type.Array(entry), cursor: Type.Optional(Cursor) });
}

/** A result that says nothing but that it was done. */
export const Done = Exactly({ done: Type.Literal(true) });

/** The type behind {@link Labels}. */
export type Labels = Static<typeof Labels>;
