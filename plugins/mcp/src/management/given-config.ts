import type { mcpMethods, ParamsOf } from '@ai-orchestrator/protocol';

/** A server's configuration as a method gives it; its command may be a name. */
export type GivenConfig = ParamsOf<typeof mcpMethods.mcpAdd>['server'];
