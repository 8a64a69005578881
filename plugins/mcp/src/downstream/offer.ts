import { isObject, type JsonObject } from '../upstream/json.js';
import type { Era } from '../upstream/upstream.js';
import { TASKS } from './client-capabilities.js';
import type { Catalogue } from './catalogue.js';
import type { View } from './operation.js';

/** Longer instructions of one upstream are cut; they are a hint for a model, not a document. */
const MAX_INSTRUCTIONS = 4_000;

/**
 * What the gateway can do for a viewer: tools, and whatever one of the upstreams that the viewer may use can.
 *
 * @param skills whether skills of agents are offered, calls of which become tasks
 */
export function capabilitiesFor(catalogue: Catalogue, view: View, era: Era, skills: boolean): JsonObject {
  const all = catalogue.upstreams(view).map(({ capabilities }) => capabilities);
  const any = (name: string): boolean => all.some((capabilities) => isObject(capabilities[name]));
  const subscribe = all.some(({ resources }) => isObject(resources) && resources.subscribe === true);
  return {
    tools: { listChanged: true },
    ...(any('prompts') && { prompts: { listChanged: true } }),
    ...(any('resources') && {
      resources: { listChanged: true, ...((subscribe || era === 'modern') && { subscribe: true }) },
    }),
    ...(any('completions') && { completions: {} }),
    ...(any('logging') && { logging: {} }),
    ...extensionsOf(all, era, skills),
  };
}

/** Instructions of the upstreams that the viewer may use, joined; each said whose they are where there are several. */
export function instructionsFor(catalogue: Catalogue, view: View): string | undefined {
  const all = catalogue
    .upstreams(view)
    .flatMap(({ id, instructions }) =>
      instructions === undefined || instructions === '' ? [] : [{ id, instructions }],
    );
  const [first, ...others] = all;
  if (first === undefined) return undefined;
  if (others.length === 0) return first.instructions.slice(0, MAX_INSTRUCTIONS);
  return all.map(({ id, instructions }) => `## ${id}\n${instructions.slice(0, MAX_INSTRUCTIONS)}`).join('\n\n');
}

/** Extensions that work by what is passed through unchanged, and the Tasks extension, which legacy revisions do not have. */
function extensionsOf(all: readonly JsonObject[], era: Era, skills: boolean): JsonObject {
  const found = all.flatMap(({ extensions }) => (isObject(extensions) ? Object.entries(extensions) : []));
  const passed = found.filter(([name]) => name !== TASKS);
  const tasks = era === 'modern' && (skills || passed.length < found.length);
  const offered = { ...Object.fromEntries(passed), ...(tasks && { [TASKS]: {} }) };
  return Object.keys(offered).length === 0 ? {} : { extensions: offered };
}
