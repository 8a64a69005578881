import type { StartInMemoryCore } from './in-memory-core.js';

/** Not written in the import, so that this package is built without the core, which is built on it. */
const CORE = '@ai-orchestrator/core/in-memory';

/** @throws Error when the core is not installed, with what to do */
export async function loadCore(specifier = CORE): Promise<StartInMemoryCore> {
  let module: { readonly startInMemoryCore: StartInMemoryCore };
  try {
    module = (await import(specifier)) as typeof module;
  } catch (cause) {
    throw new Error(
      `The test kit runs the orchestrator's own core, which could not be loaded; npm install --save-dev @ai-orchestrator/core`,
      { cause },
    );
  }
  return module.startInMemoryCore;
}
