import type { contextMethods } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';
import type { StoredContext, StoredParticipant } from './stored-context.js';

/** A participant by name. */
export type ParticipantName = Static<typeof contextMethods.ParticipantName>;

/** What tells a participant from others: `agent/ID` or `principal/ID`. */
export function participantKey({ agent, principal }: { readonly agent?: string; readonly principal?: string }): string {
  return agent === undefined ? `principal/${principal ?? ''}` : `agent/${agent}`;
}

/** The participant with a key as callers name it. */
export function participantName(key: string): ParticipantName {
  const id = key.slice(key.indexOf('/') + 1);
  return key.startsWith('agent/') ? { agent: id } : { principal: id };
}

/** The participants that a principal takes part as. */
export function takesPartAs(context: StoredContext, principalId: string): StoredParticipant[] {
  return context.participants.filter(({ principal }) => principal === principalId);
}

/** Keys of those who may speak, in the order of the turns. */
export function speakers({ participants }: StoredContext): string[] {
  return participants.filter(({ role }) => role !== 'observer').map(participantKey);
}

/** The participants after some joined, or got another role; who had one keeps the place. */
export function joined(
  before: readonly StoredParticipant[],
  joining: readonly StoredParticipant[],
): readonly StoredParticipant[] {
  const after = new Map(before.map((each) => [participantKey(each), each]));
  for (const each of joining) {
    const known = after.get(participantKey(each));
    after.set(participantKey(each), known === undefined ? each : { ...known, role: each.role });
  }
  return [...after.values()];
}
