import { Type } from '../type.js';
import { method } from '../method.js';
import { Exactly } from '../schemas.js';

/** [OpenRPC 1.3.2 §Service Discovery Method]. */
export const rpcDiscover = method({
  name: 'rpc.discover',
  summary: 'The OpenRPC document of this daemon.',
  permission: 'public',
  params: Exactly({}),
  result: Type.Object({ openrpc: Type.String() }),
});
