import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { toolCallMethods } from '@ai-orchestrator/protocol';
import type { AgentDirectory } from '../../agents/agent-directory.js';
import type { Counter } from '../../host/instruments.js';
import type { Ancestor } from '../../messages/lineage.js';
import type { Handlers } from '../../plugin/plugin.js';
import type { Session } from '../../rpc/session.js';
import type { RunningCall } from './running-call.js';

const OF_AGENT = 'agent/';

/** Calls that agents answer: what these may say of them, and do on their account. */
export class AgentCalls {
  constructor(
    private readonly calls: { find(callId: string): RunningCall | undefined },
    private readonly agents: AgentDirectory,
    private readonly progressDropped: Counter,
  ) {}

  /** The call with this id, if a connection is at it: whatever comes of it inherits its context, trace, deadline and hops. */
  workOf(callId: string, session: Session): Ancestor | undefined {
    const call = this.calls.find(callId);
    const agent = call && this.#agentAt(call, session);
    if (call === undefined || agent === undefined) return undefined;
    const { origin, deadline, traceparent, contextId } = call;
    const hops = origin === undefined ? 0 : origin.hops + 1;
    return { id: callId, agent, hops, deadline, traceparent, parent: origin, contextId };
  }

  /** Answers `tool.progress`. */
  get handlers(): Handlers<Pick<typeof toolCallMethods, 'toolProgress'>> {
    return {
      toolProgress: ({ callId, ...told }, { session }) => {
        const call = this.calls.find(callId);
        if (call === undefined || session === undefined || this.#agentAt(call, session) === undefined) {
          this.progressDropped.add();
          throw new OrchestratorError('not_found', 'this connection answers no such call', {
            resource: `tool-call/${callId}`,
          });
        }
        call.exchange.progress?.(told);
        return null;
      },
    };
  }

  #agentAt({ visible: { provider }, invoked }: RunningCall, session: Session): { readonly id: string } | undefined {
    if (!invoked || !provider.startsWith(OF_AGENT)) return undefined;
    const agent = this.agents.find(provider.slice(OF_AGENT.length));
    return agent?.session === session ? agent : undefined;
  }
}
