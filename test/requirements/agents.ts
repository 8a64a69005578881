import type { Requirement } from './requirement.js';

export const agents: readonly Requirement[] = [];
