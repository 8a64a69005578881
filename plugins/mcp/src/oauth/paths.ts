/** Path that people are sent back to. */
export const CALLBACK_PATH = '/mcp/oauth/callback';
/** Path of the daemon's client ID metadata document. */
export const CLIENT_PATH = '/mcp/oauth/client.json';
