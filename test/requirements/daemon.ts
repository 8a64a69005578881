import type { Requirement } from './requirement.js';

export const daemon: readonly Requirement[] = [];
