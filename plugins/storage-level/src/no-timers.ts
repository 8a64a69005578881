import type { Timers } from '@ai-orchestrator/core/plugin';

const refuse = (): never => {
  throw new Error('an index that is opened offline is not written to by commits');
};

/** For an index that takes no commits. */
export const NO_TIMERS: Timers = { after: refuse, every: refuse };
