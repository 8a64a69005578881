import type { GaugeSample } from '@ai-orchestrator/core/plugin';

/** How many there are in each state, as a gauge with the label `state` shows them. */
export function countedByState(things: readonly { readonly state: string }[]): readonly GaugeSample[] {
  const counts = new Map<string, number>();
  for (const { state } of things) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, value]) => ({ value, labels: [state] }));
}
