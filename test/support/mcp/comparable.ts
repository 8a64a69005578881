import { isDeepStrictEqual } from 'node:util';
import type { Heard } from './record.js';

type Json = Readonly<Record<string, unknown>>;

/** What came to something else, by where it is, as `found | expected`; empty when all is the same. See {@link comparable}. */
export function differences(found: Heard, expected: Heard): readonly string[] {
  return [...leaves('', comparable(found), comparable(expected))];
}

function* leaves(where: string, one: unknown, other: unknown): Iterable<string> {
  if (isDeepStrictEqual(one, other)) return;
  if (!isObject(one) || !isObject(other)) {
    yield `${where}: ${JSON.stringify(one)} | ${JSON.stringify(other)}`;
    return;
  }
  for (const member of new Set([...Object.keys(one), ...Object.keys(other)])) {
    yield* leaves(`${where}/${member}`, one[member], other[member]);
  }
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/**
 * What must be the same with the gateway and without it. Three things must differ, and are taken out:
 * the order of listings, which the gateway keeps the same for all (it sorts by name, servers list as it comes);
 * what the modern era adds to results of the legacy one, and `execution` of tools, which is for the legacy era's tasks and gone with them;
 * the words of refusals that are the gateway's own to make, for it checks names and arguments before a server sees them.
 */
function comparable(heard: Heard): Heard {
  return Object.fromEntries(
    Object.entries(heard).map(([step, outcome]) => [
      step,
      step.endsWith(' refused') ? refusal(outcome as Json) : sorted(outcome as Json),
    ]),
  );
}

function refusal({ error, result }: Json): Json {
  return { refused: error !== undefined || (result as Json | undefined)?.isError === true };
}

/** Members of results that only the modern era has [2026-07-28 basic, server/utilities/caching]. */
const MODERN = new Set(['resultType', 'ttlMs', 'cacheScope']);

function sorted({ error, result }: Json): Json {
  if (error !== undefined) return { error };
  return {
    result: Object.fromEntries(
      Object.entries(result as Json)
        .filter(([member, value]) => !MODERN.has(member) && !isServerInfo(member, value))
        .map(([member, value]) => [member, LISTS.has(member) ? byName(value) : value]),
    ),
  };
}

const isServerInfo = (member: string, value: unknown): boolean =>
  member === '_meta' && Object.keys(value as Json).join() === 'io.modelcontextprotocol/serverInfo';

const LISTS = new Set(['tools', 'prompts', 'resources', 'resourceTemplates']);

const key = (item: Json): string => JSON.stringify([item.name, item.uri, item.uriTemplate]);
const byName = (items: unknown): unknown =>
  (items as Json[])
    .map((item) => Object.fromEntries(Object.entries(item).filter(([member]) => member !== 'execution')))
    .sort((one, other) => (key(one) < key(other) ? -1 : 1));
