import type { Requirement } from './requirement.js';

export const cli: readonly Requirement[] = [];
