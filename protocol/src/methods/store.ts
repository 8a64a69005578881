import { Type } from '../type.js';
import { method } from '../method.js';
import { Exactly } from '../schemas.js';

export const storeVerify = method({
  name: 'store.verify',
  summary: 'Read the whole store and journal and say what is damaged.',
  permission: 'daemon:admin',
  params: Exactly({}),
  result: Exactly({
    healthy: Type.Boolean(),
    entries: Type.Integer(),
    journalRecords: Type.Integer(),
    findings: Type.Array(Exactly({ what: Type.String(), advice: Type.String() })),
  }),
});
