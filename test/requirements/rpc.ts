import type { Requirement } from './requirement.js';

export const rpc: readonly Requirement[] = [];
