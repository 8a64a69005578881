import 'reflect-metadata';

export { startInMemoryCore } from './start-in-memory-core.js';
export { MEMORY_STORE_LIMITS, MemoryStore } from './memory-store.js';
