import { Type } from '../type.js';
import { event } from '../event.js';
import { Exactly } from '../schemas.js';

const Sha256 = Type.String({ description: 'SHA-256, hex, of the definition as canonical JSON.' });
const OfVersion = { tool: Type.String(), version: Type.String(), provider: Type.String() };
const OfDefinition = { ...OfVersion, definition: Sha256 };

export const toolRegistered = event({
  name: 'tool.registered',
  summary: 'A version of a tool can be used from now on.',
  details: Exactly({
    ...OfDefinition,
    trust: Type.String({
      description:
        'firstUse: the first of its name. approver: who registered it may approve. known: as one that is approved.',
    }),
  }),
});
export const toolChanged = event({
  name: 'tool.changed',
  summary: 'Somebody who may approve changed the definition of a tool.',
  details: Exactly({ ...OfDefinition, before: Sha256 }),
});
export const toolQuarantined = event({
  name: 'tool.quarantined',
  summary: 'A definition waits for approval; what was approved before keeps working.',
  details: Exactly({
    ...OfDefinition,
    why: Type.String({
      description:
        'new: nothing of its name is approved. changed: another definition of the version is. version: other versions are. renamed: its provider offers it in place of a name that is.',
    }),
    approved: Type.Optional(Sha256),
  }),
});
export const toolRestored = event({
  name: 'tool.restored',
  summary: 'A provider went back to the approved definition; what waited for approval is gone.',
  details: Exactly(OfDefinition),
});
export const toolApproved = event({
  name: 'tool.approved',
  summary: 'Somebody approved a definition that waited.',
  details: Exactly({ ...OfDefinition, before: Type.Optional(Sha256) }),
});
export const toolRejected = event({
  name: 'tool.rejected',
  summary: 'Somebody refused a definition that waited.',
  details: Exactly({ ...OfDefinition, reason: Type.Optional(Type.String()) }),
});
export const toolDeprecated = event({
  name: 'tool.deprecated',
  summary: 'A version of a tool is not to be used any more from a date on.',
  details: Exactly({ ...OfVersion, at: Type.String(), successor: Type.Optional(Type.String()) }),
});
export const toolRemoved = event({
  name: 'tool.removed',
  summary: 'A version of a tool was forgotten, with its approval.',
  details: Exactly(OfVersion),
});
export const toolWithdrawn = event({
  name: 'tool.withdrawn',
  summary: 'Tools of a provider are not there for now; approvals stay.',
  details: Exactly({
    provider: Type.String(),
    count: Type.Integer(),
    tools: Type.Array(Type.String(), { description: 'The first 16 of them.' }),
    reason: Type.String(),
  }),
});
export const toolReturned = event({
  name: 'tool.returned',
  summary: 'Tools of a provider that were withdrawn are there again.',
  details: Exactly({ provider: Type.String(), count: Type.Integer() }),
});
export const toolRefused = event({
  name: 'tool.refused',
  summary: 'An agent registered a tool whose name belongs to another provider.',
  details: Exactly(OfVersion),
});
