/** Where the metadata of protected resources is [RFC 9728 §3]. */
export const METADATA_PATH = '/.well-known/oauth-protected-resource';

const MCP_PATH = /^\/mcp(?:\/[A-Za-z0-9._~-]{1,128})?$/;

/** Whether a path is that of /mcp, or what could be a set of tools. */
export function isMcpPath(path: string): boolean {
  return MCP_PATH.test(path);
}
