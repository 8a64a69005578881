import type { Requirement } from './requirement.js';

export const access: readonly Requirement[] = [];
