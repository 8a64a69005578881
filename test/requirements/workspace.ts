import type { Requirement } from './requirement.js';

export const workspace: readonly Requirement[] = [];
