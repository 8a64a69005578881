export { startTestOrchestrator } from './test-orchestrator.js';
export type { TestConnectOptions, TestOrchestrator, TestOrchestratorOptions } from './test-orchestrator.js';
export type { InMemoryCore, StartInMemoryCore, TestPrincipal } from './in-memory-core.js';
