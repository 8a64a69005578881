import { nearest } from '@ai-orchestrator/core/nearest';
import type { Client } from '@ai-orchestrator/protocol/client';
import { CommandFailure } from './command-failure.js';
import { printable } from './printable.js';

/** A suggestion is not waited for any longer, in milliseconds. */
const PATIENCE_MS = 2_000;

/** How the names of one kind of thing are asked for. */
interface Listing {
  readonly method: string;
  readonly params?: object;
  readonly names: (entry: Readonly<Record<string, unknown>>) => unknown[];
}

const page = { limit: 1_000 };

const LISTINGS: Readonly<Record<string, Listing>> = {
  agent: { method: 'agent.list', params: page, names: ({ agentId }) => [agentId] },
  skill: { method: 'agent.list', params: page, names: ({ card }) => skillsOf(card) },
  context: { method: 'context.list', params: page, names: ({ contextId }) => [contextId] },
  tool: { method: 'tool.list', params: page, names: ({ name }) => [name] },
  mcp: { method: 'mcp.list', names: ({ name }) => [name] },
  key: { method: 'key.list', params: page, names: ({ keyId }) => [keyId] },
  program: { method: 'program.list', names: ({ name }) => [name] },
};

/**
 * What a command says of a name that the daemon does not know, with the name that was probably meant among those that its caller
 * may see. Anything else that failed stays as it is.
 */
export async function didYouMean(failure: unknown, client: Client | undefined): Promise<unknown> {
  if (!(failure instanceof CommandFailure) || client === undefined) return failure;
  const unknown = unknownName(failure.error ?? {});
  const listing = unknown === undefined ? undefined : LISTINGS[unknown.kind];
  if (unknown === undefined || listing === undefined) return failure;
  const meant = nearest(unknown.name, await namesOf(listing, client));
  if (meant === undefined || meant === unknown.name) return failure;
  const hint = `Did you mean ${printable(meant)}? ${failure.hint ?? ''}`.trimEnd();
  return new CommandFailure(failure.exit, failure.message, hint, failure.error, { cause: failure.cause });
}

function unknownName({ name, data }: Readonly<Record<string, unknown>>): { kind: string; name: string } | undefined {
  const { resource, skill } = (data ?? {}) as { readonly resource?: unknown; readonly skill?: unknown };
  if (name === 'no_agent_for_skill' && typeof skill === 'string') return { kind: 'skill', name: skill };
  if ((name !== 'not_found' && name !== 'agent_not_found') || typeof resource !== 'string') return undefined;
  const [kind = '', ...rest] = resource.split('/');
  return { kind, name: rest.join('/') };
}

async function namesOf({ method, params = {}, names }: Listing, client: Client): Promise<string[]> {
  try {
    const { entries } = (await client.callPlugin(method, params, { timeoutMs: PATIENCE_MS })) as {
      readonly entries: readonly Readonly<Record<string, unknown>>[];
    };
    return entries.flatMap((entry) => names(entry)).filter((name) => typeof name === 'string');
  } catch {
    // Who may not list them, or gets no answer in time, gets no suggestion; what failed is told in any case.
    return [];
  }
}

function skillsOf(card: unknown): unknown[] {
  const { skills = [] } = (card ?? {}) as { readonly skills?: readonly { readonly id: unknown }[] };
  return skills.map(({ id }) => id);
}
