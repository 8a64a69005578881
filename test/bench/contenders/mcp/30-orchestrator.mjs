// The daemon as gateway in front of the shared HTTP upstream, legacy client: key, permission, both schemas, journal on.
import { gateway, legacyClient } from './_gateway.mjs';
export const kind = 'ours';
export const program = ({ port, upstream }) => gateway(port, { url: upstream });
export const client = legacyClient;
