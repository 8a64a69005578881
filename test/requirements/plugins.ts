import type { Requirement } from './requirement.js';

export const plugins: readonly Requirement[] = [];
