// The daemon in front of the stdio server that mcp-proxy has behind it.
import { gateway, legacyClient, STDIO } from './_gateway.mjs';
export const kind = 'ours';
export const program = ({ port }) => gateway(port, STDIO);
export const client = legacyClient;
