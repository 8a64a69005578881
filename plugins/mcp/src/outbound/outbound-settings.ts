import { Type } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';
import { defaultsOf, limit, schemasOf } from '../limit-table.js';

const LIMITS = {
  connectMs: limit(5_000, 100, 60_000, 'Time to connect.'),
  answerMs: limit(10_000, 100, 120_000, 'Time in which metadata and tokens are to be answered.'),
  answerBytes: limit(262_144, 1_024, 16_777_216, 'Size of metadata and tokens at most.'),
  redirects: limit(3, 0, 10, 'Redirects followed for metadata.'),
  connectionsPerOrigin: limit(
    64,
    1,
    1_024,
    'Connections to one server at most; as many again for streams that stay open.',
  ),
  waitingPerOrigin: limit(2_000, 1, 100_000, 'Requests that wait for a connection to one server at most.'),
  idleMs: limit(
    4_000,
    1,
    600_000,
    'A connection that carries nothing for so long is closed; a second before the server closes it, where it says when.',
  ),
  headBytes: limit(16_384, 1_024, 65_536, 'Size of the header of an answer of an MCP server at most.'),
  origins: limit(16, 1, 256, 'Origins that one server may lead to at most.'),
};

/** What may go out over HTTP, and its bounds: `outbound`. */
export const OutboundSettings = Type.Object(
  {
    allowedHosts: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
        maxItems: 1_000,
        description:
          'Hosts that servers may lead to although their addresses are private: name, name:port, *.name, an address, a network, or an origin (http://name:port, which then needs no TLS).',
      }),
    ),
    ...schemasOf(LIMITS),
  },
  { additionalProperties: false },
);

/** What may go out over HTTP, and its bounds, as the configuration has it. */
export type OutboundSettings = Static<typeof OutboundSettings>;

/** Fills in what the configuration does not say. */
export function outboundSettingsOf(settings: OutboundSettings | undefined): Required<OutboundSettings> {
  return { allowedHosts: [], ...defaultsOf(LIMITS), ...settings };
}
