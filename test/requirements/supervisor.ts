import type { Requirement } from './requirement.js';

export const supervisor: readonly Requirement[] = [];
