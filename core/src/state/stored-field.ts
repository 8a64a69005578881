import { canonicalJson } from '../store/canonical-json.js';
import type { JsonValue } from '../store/store.js';
import type { Field, Stamp, Version } from './merge/field.js';

type Stored = Readonly<Record<string, unknown>>;

/** A field as the store keeps it, as JSON text. */
export function storedField(field: Field): string {
  switch (field.kind) {
    case 'plain':
      return `{"kind":"plain","revision":${String(field.revision)},"versions":[${field.versions.map(versionText).join(',')}]}`;
    case 'map': {
      const entries = [...field.entries].map(([key, version]) => `[${JSON.stringify(key)},${versionText(version)}]`);
      return `${mergedText(field)},"floor":${versionText(field.floor)},"entries":[${entries.join(',')}]}`;
    }
    case 'set': {
      const items = [...field.items].map(([item, stamps]) => `[${item},${JSON.stringify(stamps)}]`);
      return `${mergedText(field)},"items":[${items.join(',')}]}`;
    }
    case 'counter': {
      const origin = field.origin === undefined ? '' : `,"origin":${JSON.stringify(field.origin)}`;
      return `${mergedText(field)},"sum":${String(field.sum)}${origin},"others":${String(field.others)}}`;
    }
  }
}

/** Reads what {@link storedField} wrote. */
export function fieldFrom(value: JsonValue): Field {
  const stored = value as unknown as Stored & { readonly kind: Field['kind'] };
  switch (stored.kind) {
    case 'plain': {
      const [first, ...rest] = (stored.versions as Stored[]).map(versionFrom);
      if (first === undefined) throw new TypeError('a field without a version');
      return { kind: 'plain', revision: stored.revision as number, versions: [first, ...rest] };
    }
    case 'map': {
      const entries = (stored.entries as [string, Stored][]).map(
        ([key, version]) => [key, versionFrom(version)] as const,
      );
      const floor = versionFrom(stored.floor as Stored);
      return { ...mergedFrom(stored), kind: 'map', entries: new Map(entries), floor };
    }
    case 'set': {
      const items = (stored.items as [unknown, Stamp[]][]).map(
        ([item, stamps]) => [canonicalJson(item), stamps] as const,
      );
      return { ...mergedFrom(stored), kind: 'set', items: new Map(items) };
    }
    case 'counter': {
      const { sum, origin, revision, others = revision } = stored as Stored;
      return {
        ...mergedFrom(stored),
        kind: 'counter',
        sum: sum as number,
        origin: origin as string | undefined,
        others: others as number,
      };
    }
  }
}

/** A version, its value last and as it came. By hand, as it is on every write's way. */
export function versionText({ time, by, revision, origin, base, text }: Version): string {
  let head = `{"time":${JSON.stringify(time)},"by":${JSON.stringify(by)},"revision":${String(revision)}`;
  if (origin !== undefined) head += `,"origin":${JSON.stringify(origin)}`;
  if (base !== undefined) head += `,"base":${String(base)}`;
  return text === undefined ? `${head}}` : `${head},"value":${text}}`;
}

/** Reads what {@link versionText} wrote. */
export function versionFrom({ value, ...stamp }: Stored): Version {
  const version = stamp as unknown as Version;
  return value === undefined ? version : { ...version, text: JSON.stringify(value) };
}

function mergedText({ kind, revision, time, by, written, deleted }: Exclude<Field, { kind: 'plain' }>): string {
  return JSON.stringify({ kind, revision, time, by, written, deleted }).slice(0, -1);
}

function mergedFrom({ revision, time, by, written, deleted }: Stored): {
  revision: number;
  time: string;
  by: string;
  written: string;
  deleted: string;
} {
  return {
    revision: revision as number,
    time: time as string,
    by: by as string,
    written: written as string,
    deleted: deleted as string,
  };
}
