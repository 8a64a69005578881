import { Type } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';

const integer = (value: number, minimum: number, maximum: number, description: string) =>
  ({ minimum, maximum, default: value, description }) as const;

const LIMITS = {
  connectMs: integer(5_000, 100, 60_000, 'Time to connect.'),
  answerMs: integer(10_000, 100, 120_000, 'Time in which metadata and tokens are to be answered.'),
  answerBytes: integer(262_144, 1_024, 16_777_216, 'Size of metadata and tokens at most.'),
  redirects: integer(3, 0, 10, 'Redirects followed for metadata.'),
  connectionsPerOrigin: integer(64, 1, 1_024, 'Connections to one server at most.'),
  origins: integer(16, 1, 256, 'Origins that one server may lead to at most.'),
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
    connectMs: Type.Optional(Type.Integer(LIMITS.connectMs)),
    answerMs: Type.Optional(Type.Integer(LIMITS.answerMs)),
    answerBytes: Type.Optional(Type.Integer(LIMITS.answerBytes)),
    redirects: Type.Optional(Type.Integer(LIMITS.redirects)),
    connectionsPerOrigin: Type.Optional(Type.Integer(LIMITS.connectionsPerOrigin)),
    origins: Type.Optional(Type.Integer(LIMITS.origins)),
  },
  { additionalProperties: false },
);

/** What may go out over HTTP, and its bounds, as the configuration has it. */
export type OutboundSettings = Static<typeof OutboundSettings>;

/** Fills in what the configuration does not say. */
export function outboundSettingsOf(settings: OutboundSettings | undefined): Required<OutboundSettings> {
  const defaults = Object.fromEntries(Object.entries(LIMITS).map(([name, limit]) => [name, limit.default]));
  return { allowedHosts: [], ...(defaults as Record<keyof typeof LIMITS, number>), ...settings };
}
