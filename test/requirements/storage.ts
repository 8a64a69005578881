import type { Requirement } from './requirement.js';

export const storage: readonly Requirement[] = [];
