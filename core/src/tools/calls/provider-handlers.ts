import type { toolCallMethods } from '@ai-orchestrator/protocol';
import type { Handlers } from '../../plugin/plugin.js';
import type { ToolAccess } from '../tool-access.js';
import type { ToolCatalogue } from '../tool-catalogue.js';
import type { ToolCalls } from './tool-calls.js';

/** What the method about providers stands on. */
export interface ProviderHandlerGround {
  readonly calls: ToolCalls;
  readonly catalogue: ToolCatalogue;
  readonly access: ToolAccess;
}

/** Answers how providers are: those that the caller was given, or sees a tool of. */
export function providerHandlers({
  calls,
  catalogue,
  access,
}: ProviderHandlerGround): Handlers<Pick<typeof toolCallMethods, 'toolProviders'>> {
  return {
    toolProviders(_params, { principal }) {
      const seen = new Set(catalogue.visible(principal).map(({ provider }) => provider));
      const inFlight = new Map<string, number>();
      for (const { visible } of calls.running())
        inFlight.set(visible.provider, (inFlight.get(visible.provider) ?? 0) + 1);
      return {
        entries: catalogue
          .providers()
          .filter(({ id }) => seen.has(id) || access.mayUse(principal, id))
          .map(({ id, available, tools }) => {
            const { state, failures, retryAfterMs } = calls.breakers.of(id);
            const breaker = { state, failures, retryAfterMs };
            return { provider: id, available, tools, inFlight: inFlight.get(id) ?? 0, breaker };
          }),
      };
    },
  };
}
