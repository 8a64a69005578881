import type { Tools, VisibleTool } from '@ai-orchestrator/core/plugin';
import type { JsonObject } from '../upstream/json.js';
import { isObject } from '../upstream/json.js';
import type { Upstream, Upstreams } from '../upstream/upstream.js';
import { DISCOVERY_TOOLS } from './discovery-tools.js';
import { textOf } from './members.js';
import type { View } from './operation.js';

/** A prompt and whose it is. */
export interface FoundPrompt {
  readonly upstream: Upstream;
  /** As its server calls it. */
  readonly name: string;
}

/**
 * All that the gateway offers, each as far as its viewer may use it. Upstreams come in the order of their ids, what each has in its own
 * order; where two have the same prompt name or resource URI, the first one's is the one.
 */
export class Catalogue {
  constructor(
    private readonly tools: Tools,
    private readonly upstreamsOfAll: Upstreams,
  ) {}

  visibleTools({ principal, set }: View): readonly VisibleTool[] {
    return this.tools.visible(principal, set === undefined ? undefined : { set });
  }

  /** What a listing of tools shows: them, or the tools to find them with. */
  listedTools(view: View): readonly VisibleTool[] {
    return view.searches ? DISCOVERY_TOOLS : this.visibleTools(view);
  }

  /** Upstreams whose prompts and resources the viewer may use; of a tool set those of which it has a tool. */
  upstreams(view: View): readonly Upstream[] {
    const { principal, set } = view;
    const inSet = set === undefined ? undefined : new Set(this.visibleTools(view).map(({ provider }) => provider));
    return this.upstreamsOfAll
      .all()
      .filter(({ id }) => this.tools.mayUse(principal, providerOf(id)) && inSet?.has(providerOf(id)) !== false)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Whether what an upstream has is the viewer's to use now. */
  offers(view: View, { id }: Upstream): boolean {
    const { principal, set } = view;
    if (this.upstreamsOfAll.get(id) === undefined || !this.tools.mayUse(principal, providerOf(id))) return false;
    return set === undefined || this.visibleTools(view).some(({ provider }) => provider === providerOf(id));
  }

  /** Prompts as listed, by the names that the gateway gives them. */
  prompts(view: View): readonly JsonObject[] {
    return distinct(
      this.upstreams(view).flatMap(({ prefix, prompts }) =>
        prompts.map((prompt) => (prefix === '' ? prompt : { ...prompt, name: `${prefix}${textOf(prompt.name)}` })),
      ),
      'name',
    );
  }

  prompt(view: View, name: string): FoundPrompt | undefined {
    for (const upstream of this.upstreams(view)) {
      if (!name.startsWith(upstream.prefix)) continue;
      const own = name.slice(upstream.prefix.length);
      if (upstream.prompts.some((prompt) => prompt.name === own)) return { upstream, name: own };
    }
    return undefined;
  }

  resources(view: View): readonly JsonObject[] {
    return distinct(
      this.upstreams(view).flatMap(({ resources }) => resources),
      'uri',
    );
  }

  templates(view: View): readonly JsonObject[] {
    return distinct(
      this.upstreams(view).flatMap(({ resourceTemplates }) => resourceTemplates),
      'uriTemplate',
    );
  }

  /**
   * Who may have a resource: the first that lists it, else the first with a template that it fits; and because a tool may link to a
   * resource that is in no listing, else everybody with resources.
   */
  holdersOf(view: View, uri: string): readonly Upstream[] {
    const holders = this.upstreams(view).filter(({ capabilities }) => isObject(capabilities.resources));
    const listed = holders.find(({ resources }) => resources.some((resource) => resource.uri === uri));
    const fitting =
      listed ??
      holders.find(({ resourceTemplates }) =>
        resourceTemplates.some(({ uriTemplate }) => uriTemplate === uri || fits(uriTemplate, uri)),
      );
    return fitting === undefined ? holders : [fitting];
  }
}

/** Under which id an upstream provides tools. */
export function providerOf(upstreamId: string): string {
  return `mcp/${upstreamId}`;
}

function distinct(all: readonly JsonObject[], key: string): readonly JsonObject[] {
  const seen = new Set<unknown>();
  return all.filter((one) => {
    const known = seen.has(one[key]);
    seen.add(one[key]);
    return !known;
  });
}

/** Whether a URI can come of a template [RFC 6570], as far as its fixed parts say; no expression of it is turned into a pattern. */
function fits(template: unknown, uri: string): boolean {
  if (typeof template !== 'string') return false;
  const parts = template.split(/\{[^{}]*\}/);
  const [head = '', ...rest] = parts;
  const tail = rest.pop();
  if (tail === undefined || !uri.startsWith(head)) return false;
  let from = head.length;
  for (const part of rest) {
    const found = uri.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return uri.length - tail.length >= from && uri.endsWith(tail);
}
