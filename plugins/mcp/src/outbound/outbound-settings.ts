import { Type } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';

/** What may go out over HTTP, and its bounds: the plugin's configuration `outbound`. */
export const OutboundSettings = Type.Object(
  {
    allowedHosts: Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
      maxItems: 1_000,
      default: [],
      description:
        'Hosts that servers may lead to although their addresses are private: name, name:port, *.name, an address, a network, or an origin (http://name:port, which then needs no TLS).',
    }),
    connectMs: Type.Integer({ minimum: 100, maximum: 60_000, default: 5_000, description: 'Time to connect.' }),
    answerMs: Type.Integer({
      minimum: 100,
      maximum: 120_000,
      default: 10_000,
      description: 'Time in which metadata and tokens are to be answered.',
    }),
    answerBytes: Type.Integer({
      minimum: 1_024,
      maximum: 16_777_216,
      default: 262_144,
      description: 'Size of metadata and tokens at most.',
    }),
    redirects: Type.Integer({ minimum: 0, maximum: 10, default: 3, description: 'Redirects followed for metadata.' }),
    connectionsPerOrigin: Type.Integer({
      minimum: 1,
      maximum: 1_024,
      default: 64,
      description: 'Connections to one server at most.',
    }),
    origins: Type.Integer({
      minimum: 1,
      maximum: 256,
      default: 16,
      description: 'Origins that one server may lead to at most.',
    }),
  },
  { additionalProperties: false, default: {} },
);
/** What may go out over HTTP, and its bounds. */
export type OutboundSettings = Static<typeof OutboundSettings>;
