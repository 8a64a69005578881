import { hash } from 'node:crypto';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import { Clock, Random } from '../../host/time.js';
import type { Principal } from '../../permissions/principal.js';
import { canonicalJson } from '../../store/canonical-json.js';
import { Journal } from '../../store/journal.js';
import { ToolAccess } from '../tool-access.js';
import { ToolCatalogue } from '../tool-catalogue.js';
import type { ToolCallRequest, ToolReply } from '../tools.js';

const TIMEOUT_MS = 60_000;

/** Calls tools: who may call what, with what, for how long; each call is in the journal. */
@injectable()
export class ToolCalls {
  constructor(
    @inject(ToolCatalogue) private readonly catalogue: ToolCatalogue,
    @inject(ToolAccess) private readonly access: ToolAccess,
    @inject(Journal) private readonly journal: Journal,
    @inject(Clock) private readonly clock: Clock,
    @inject(Random) private readonly random: Random,
  ) {}

  /** @throws OrchestratorError `not_found` also when the caller may not see it, `permission_denied`, `unavailable` */
  async call(caller: Principal, request: ToolCallRequest): Promise<ToolReply> {
    const { name, version, set } = request;
    const tool = this.catalogue.find(caller, name, {
      ...(version === undefined ? {} : { version }),
      ...(set === undefined ? {} : { set }),
    });
    const resource = `tool/${name}`;
    if (tool === undefined) throw new OrchestratorError('not_found', `there is no tool ${name}`, { resource });
    if (!this.access.of(caller, tool).call) {
      throw new OrchestratorError('permission_denied', `${name} may be seen, not called`, { permission: 'tool:call' });
    }
    const provider = this.catalogue.provider(tool.provider);
    if (provider === undefined) throw new OrchestratorError('unavailable', `${tool.provider} is not here now`);
    const startedMs = this.clock.monotonicMs();
    const { signal = new AbortController().signal, timeoutMs = TIMEOUT_MS, exchange = {} } = request;
    const reply = await provider.invoke({
      callId: this.random.uuid(),
      tool: tool.definition,
      arguments: request.arguments,
      caller,
      timeoutMs,
      signal,
      exchange,
      ...(request.contextId === undefined ? {} : { contextId: request.contextId }),
      ...(request.traceparent === undefined ? {} : { traceparent: request.traceparent }),
    });
    const details = {
      tool: name,
      version: tool.definition.version,
      definition: tool.hash,
      provider: tool.provider,
      arguments: sha256(request.arguments),
      result: sha256(reply),
      outcome: reply.kind,
      durationMs: Math.round(this.clock.monotonicMs() - startedMs),
    };
    await this.journal.append([{ action: 'tool.called', resource, principal: caller.id, details }]);
    return reply;
  }
}

function sha256(value: unknown): string {
  return hash('sha256', canonicalJson(value), 'hex');
}
