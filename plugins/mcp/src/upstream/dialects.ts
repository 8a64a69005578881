import { OUR_NAME } from './our-name.js';
import type { JsonObject } from './json.js';
import type { Dialect } from './rpc-connection.js';

/** The modern revisions that we speak, newest first. */
export const MODERN_VERSIONS = ['2026-07-28'] as const;
/** The legacy revisions that we speak, newest first. */
export const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

/** What we declare to a legacy server: all that a caller of ours may be able to do, for it is said once for all of them. */
export const LEGACY_CAPABILITIES: JsonObject = { roots: {}, sampling: {}, elicitation: { form: {}, url: {} } };

const META = 'io.modelcontextprotocol/';

/** Legacy requests go out as they are [2025-11-25 lifecycle]. */
export const legacyDialect: Dialect = {
  params: (_method, params, { meta }) =>
    meta === undefined ? params : { ...params, _meta: { ...(params._meta as JsonObject | undefined), ...meta } },
  asks: true,
  cancelsByNotification: true,
};

/** Each request says who asks, in which version, and what the caller can do [2026-07-28 basic, _meta]. */
export function modernDialect(version: string, cancelsByNotification: boolean): Dialect {
  return {
    params(_method, params, { meta, clientCapabilities = {}, continuation, logLevel }) {
      return {
        ...params,
        ...continuation,
        _meta: {
          ...(params._meta as JsonObject | undefined),
          ...meta,
          [`${META}protocolVersion`]: version,
          [`${META}clientInfo`]: OUR_NAME,
          [`${META}clientCapabilities`]: clientCapabilities,
          ...(logLevel === undefined ? {} : { [`${META}logLevel`]: logLevel }),
        },
      };
    },
    asks: false,
    cancelsByNotification,
  };
}
