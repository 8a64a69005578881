import { hash } from 'node:crypto';
import type { Agent } from '../agents/agent.js';
import { hasSkill } from '../agents/agent-query.js';
import type { VersionRanges } from '../agents/version-ranges.js';
import type { Authorizer } from '../permissions/authorizer.js';
import type { Principal } from '../permissions/principal.js';
import { canonicalJson } from '../store/canonical-json.js';
import type { Recipient, Task } from './task.js';

/** Whom tasks of one lane are for. */
export interface TaskTarget {
  readonly to: Recipient;
  /** Only those agents that this requester may use; not there where it may use all that fit. */
  readonly by?: Task['by'];
  /** Each is worked on alone. */
  readonly suspect?: boolean;
}

/** Name of the lane of those who wait for the same; a plain one says whom it is for, so that nothing else has to be stored of it. */
export function laneOf(target: TaskTarget): string {
  const { to, by, suspect } = target;
  const plain = by === undefined && !('skill' in to && (to.version ?? to.labels) !== undefined);
  if (!plain) return `t~${hash('sha256', canonicalJson(target), 'hex').slice(0, 32)}`;
  const mark = suspect === true ? 'x' : '';
  return 'agent' in to ? `a${mark}~${to.agent}` : `s${mark}~${to.skill}`;
}

/** Whether the name of a target's lane does not say whom it is for. */
export function isHashed(lane: string): boolean {
  return lane.startsWith('t~');
}

/** Whether tasks of a target may go to an agent. */
export function fitsTarget(target: TaskTarget, agent: Agent, ranges: VersionRanges, authorizer: Authorizer): boolean {
  const { to, by } = target;
  if ('agent' in to ? to.agent !== agent.id : !agent.card.skills.some(({ id }) => id === to.skill)) return false;
  if ('skill' in to && (to.version ?? to.labels) !== undefined && !hasSkill(agent, to, ranges)) return false;
  return by === undefined || mayUse(by, agent, authorizer);
}

/** Whether a requester may have tasks done by an agent. */
export function mayUse(by: Task['by'], agent: Agent, authorizer: Authorizer): boolean {
  const principal: Principal = { ...by, credentialId: '' };
  return authorizer.authorize(principal, 'task:submit', agent.resource).allowed;
}
