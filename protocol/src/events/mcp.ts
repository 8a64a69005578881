import { event } from '../event.js';
import { Exactly } from '../schemas.js';
import { Type } from '../type.js';

const Server = Type.String({ description: 'Its name in the configuration.' });
const Reason = Type.String();

export const mcpConnected = event({
  name: 'mcp.connected',
  summary: 'An MCP server was greeted; era and version are what both sides speak from then on.',
  details: Exactly({
    server: Server,
    transport: Type.String({ description: 'stdio or http.' }),
    era: Type.String({ description: 'legacy or modern.' }),
    protocolVersion: Type.String(),
    restarts: Type.Integer(),
  }),
});
export const mcpDisconnected = event({
  name: 'mcp.disconnected',
  summary: 'An MCP server is away; its tools are withdrawn meanwhile.',
  details: Exactly({ server: Server, reason: Type.Optional(Reason) }),
});
export const mcpNegotiated = event({
  name: 'mcp.negotiated',
  summary: 'A client of /mcp was met for the first time since the start, or speaks another revision now.',
  details: Exactly({
    principal: Type.String(),
    era: Type.String({ description: 'legacy or modern.' }),
    protocolVersion: Type.String(),
    client: Type.Optional(Type.String({ description: 'As it calls itself.' })),
    clientVersion: Type.Optional(Type.String()),
  }),
});
export const mcpFailed = event({
  name: 'mcp.failed',
  summary: 'An MCP server failed so often, or in such a way, that it is not tried again until somebody restarts it.',
  details: Exactly({ server: Server, reason: Type.Optional(Reason) }),
});
