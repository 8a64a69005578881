import type { Requirement } from './requirement.js';

export const client: readonly Requirement[] = [];
