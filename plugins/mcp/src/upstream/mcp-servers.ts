import type { ProgramLine } from '@ai-orchestrator/core/plugin';
import type { ServerConfig } from './server-config.js';
import type { Era, Upstreams, UpstreamState } from './upstream.js';

/** How one upstream is, for people. */
export interface UpstreamStatus {
  readonly id: string;
  readonly kind: 'stdio' | 'http';
  readonly prefix: string;
  readonly state: UpstreamState;
  readonly era?: Era;
  readonly protocolVersion?: string;
  readonly serverName?: string;
  readonly serverVersion?: string;
  /** Why it is not ready. */
  readonly reason?: string;
  readonly lastError?: string;
  readonly restarts: number;
  readonly inFlight: number;
  readonly tools: number;
  readonly prompts: number;
  readonly resources: number;
  /** Instances of callers that have one of their own. */
  readonly callerInstances: number;
  /** Lines of stdout that were no messages. */
  readonly garbageLines: number;
  /** Tools that are left out, and why. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
}

/** Adding, changing and removing servers while the daemon runs. */
export interface McpServers extends Upstreams {
  /** @throws OrchestratorError `conflict` there is one, `invalid_params` what is wrong, `limit_exceeded` */
  add(id: string, config: ServerConfig): Promise<void>;
  /** @throws OrchestratorError `not_found`, `invalid_params`; the earlier one goes on then */
  change(id: string, config: ServerConfig): Promise<void>;
  /** @throws OrchestratorError `not_found` */
  remove(id: string): Promise<void>;
  /** @throws OrchestratorError `not_found` */
  restart(id: string): Promise<void>;
  /** What it wrote to stderr, and to stdout that is no message, oldest first. @throws OrchestratorError `not_found` */
  logs(id: string, count: number): readonly ProgramLine[];
  status(): readonly UpstreamStatus[];
  /** Stops all. */
  close(): Promise<void>;
}
