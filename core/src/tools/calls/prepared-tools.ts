import type { ToolDefinition, VisibleTool } from '../tools.js';
import type { ToolCallLimits } from './call-limits.js';
import type { CallMeters, ToolMeter } from './call-meters.js';
import { toolText } from './call-records.js';
import type { Check, ToolSchemas } from './tool-schemas.js';

/** What is worked out once for a definition of a provider. */
export interface PreparedTool {
  readonly provider: string;
  readonly hash: string;
  /** `undefined` where only the provider can check. */
  readonly input: Check | undefined;
  readonly output: Check | undefined;
  readonly meter: ToolMeter;
  /** What records say of it, as {@link toolText} has it. */
  readonly recordText: string;
  /** Names the tool and its version among all. */
  readonly key: string;
  readonly timeoutMs: number;
  readonly timeoutMaxMs: number;
  readonly concurrent: number;
  /** Calls of one caller at a time, where it says. */
  readonly concurrentPerCaller: number | undefined;
}

/** Prepares each tool when it is first called, for as long as its definition lives. */
export class PreparedTools {
  readonly #prepared = new WeakMap<ToolDefinition, PreparedTool>();

  constructor(
    private readonly schemas: ToolSchemas,
    private readonly meters: CallMeters,
    private readonly limits: ToolCallLimits,
  ) {}

  of(tool: VisibleTool): PreparedTool {
    let prepared = this.#prepared.get(tool.definition);
    // A plugin may offer the same object once more, changed, or as another provider.
    if (prepared?.hash !== tool.hash || prepared.provider !== tool.provider) {
      this.#prepared.set(tool.definition, (prepared = this.#prepare(tool)));
    }
    return prepared;
  }

  #prepare(tool: VisibleTool): PreparedTool {
    const { definition, provider, hash } = tool;
    const { inputSchema, outputSchema, limits: said = {}, name, version } = definition;
    const { timeoutMs, timeoutMaxMs, concurrentPerTool } = this.limits;
    return {
      provider,
      hash,
      input: this.schemas.compile(inputSchema),
      output: outputSchema && this.schemas.compile(outputSchema),
      meter: this.meters.of(definition, provider),
      recordText: toolText(tool),
      key: `${provider} ${name} ${version} ${hash}`,
      timeoutMs: Math.min(said.timeoutMs ?? timeoutMs, timeoutMaxMs),
      timeoutMaxMs: Math.min(said.timeoutMs ?? timeoutMaxMs, timeoutMaxMs),
      concurrent: Math.max(1, Math.min(said.concurrent ?? concurrentPerTool, concurrentPerTool)),
      concurrentPerCaller: said.concurrentPerCaller && Math.max(1, said.concurrentPerCaller),
    };
  }
}
