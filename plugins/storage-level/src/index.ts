import { Clock, definePlugin, Store } from '@ai-orchestrator/core/plugin';
import Type from 'typebox';
export default definePlugin({
  id: 'x',
  config: Type.Object({ path: Type.String() }),
  requires: { clock: Clock },
  provides: { store: Store },
  start({ config, services, defer }) {
    const n: number = services.clock.now();
    const p: string = config.path;
    defer(() => {});
    return { services: { store: {} as Store } };
  },
});
