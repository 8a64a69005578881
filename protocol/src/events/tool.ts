import { Type } from '../type.js';
import { event } from '../event.js';
import { Exactly } from '../schemas.js';

const Sha256 = Type.String({ description: 'SHA-256, hex, of the canonical JSON.' });

export const toolCalled = event({
  name: 'tool.called',
  summary: 'A tool was called.',
  details: Exactly({
    tool: Type.String(),
    version: Type.String(),
    definition: Sha256,
    provider: Type.String(),
    arguments: Sha256,
    result: Sha256,
    outcome: Type.String(),
    durationMs: Type.Integer(),
  }),
});
