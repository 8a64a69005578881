import type { ToolRules } from '@ai-orchestrator/core';
import type { ToolDefinition, ToolInvocation, ToolProvider } from '@ai-orchestrator/core/plugin';
import type { ParamsOf, toolMethods } from '@ai-orchestrator/protocol';
import type { CoreLimits } from '../../src/index.js';
import { callBy, startCore } from '../support/core.js';
import type { MemoryStore } from '../support/memory-store.js';

/** A definition with everything in it that a model or caller relies on. */
export const ADD: ToolDefinition = {
  name: 'add',
  version: '1.0.0',
  title: 'Add',
  description: 'Adds two numbers.',
  inputSchema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } },
  outputSchema: { type: 'object', properties: { sum: { type: 'number' } } },
  annotations: { readOnlyHint: true },
  meta: { _meta: { 'example.org/icon': 'plus' } },
  labels: { team: 'maths' },
  capabilities: ['network'],
};

/** A tool that takes anything. */
export function tool(name: string, more: Partial<ToolDefinition> = {}): ToolDefinition {
  return { name, version: '1.0.0', inputSchema: { type: 'object' }, ...more };
}

/** Definitions as `tool.register` takes them. */
export function offer(...definitions: ToolDefinition[]): ParamsOf<typeof toolMethods.toolRegister>['tools'] {
  return definitions as ParamsOf<typeof toolMethods.toolRegister>['tools'];
}

/** A core with an operator `olga`, and providers that the test makes; what they are asked is in `invoked`. */
export async function toolWorld(
  options: { readonly tools?: Partial<ToolRules>; readonly limits?: CoreLimits; readonly store?: MemoryStore } = {},
) {
  const core = await startCore(options);
  const olga = core.connect('olga', 'operator');
  const invoked: ToolInvocation[] = [];
  const provider = (id: string, more: Partial<ToolProvider> = {}) =>
    core.services.tools.addProvider({
      ...more,
      id,
      invoke(invocation) {
        invoked.push(invocation);
        return Promise.resolve({ kind: 'result', result: { content: [], structuredContent: {} } });
      },
    });
  return {
    ...core,
    olga,
    by: callBy(olga),
    invoked,
    provider,
    /** What there is for the operator: names with versions, the newest of each. */
    there: () =>
      core.services.tools.visible(olga.principal).map(({ definition }) => `${definition.name} ${definition.version}`),
    /** What happened to tools. */
    async records() {
      const { entries } = await core.services.journal.read({ afterSequence: 0, limit: 1000 });
      return entries
        .filter(({ action }) => action.startsWith('tool.'))
        .map(({ action, principal, details }) => ({ action, principal, ...details }));
    },
    /** The actions of those. */
    async actions() {
      return (await this.records()).map(({ action }) => action);
    },
  };
}
