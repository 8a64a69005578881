import { method } from '../method.js';
import { Done, Exactly, IdempotencyKey, Labels, Time } from '../schemas.js';
import { Type } from '../type.js';

const ServerName = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$', description: 'Name of an MCP server.' });
const Path = Type.String({ pattern: '^/', maxLength: 4096 });
const Paths = Type.Optional(Type.Array(Path, { maxItems: 64 }));
const REFERENCES = 'A secret is a reference: file:/path, env:NAME or credential:NAME.';

/** How a server behind the daemon is reached: a command that the daemon runs, or a URL. The configuration file has the same keys. */
export const McpServerConfig = Exactly({
  command: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 4096,
      description: 'Run without a shell. A name is looked up now, in the PATH of the daemon; kept is the path.',
    }),
  ),
  args: Type.Optional(Type.Array(Type.String({ maxLength: 32_768 }), { maxItems: 256 })),
  env: Type.Optional(
    Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,127}$' }), Type.String({ maxLength: 32_768 }), {
      maxProperties: 256,
      description: `Added to a clean environment. ${REFERENCES}`,
    }),
  ),
  workingDirectory: Type.Optional(Path),
  sandbox: Type.Optional(
    Exactly(
      { network: Type.Optional(Type.Boolean()), read: Paths, write: Paths },
      { description: 'Run in bubblewrap, with these paths and without network unless said.' },
    ),
  ),
  url: Type.Optional(
    Type.String({
      pattern: '^https?://',
      maxLength: 2048,
      description: 'Streamable HTTP endpoint of a server elsewhere.',
    }),
  ),
  headers: Type.Optional(
    Type.Record(Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$" }), Type.String({ maxLength: 8192 }), {
      maxProperties: 32,
      description: `Sent with each request. ${REFERENCES}`,
    }),
  ),
  authorization: Type.Optional(
    Exactly(
      {
        grant: Type.Optional(
          Type.Union([Type.Literal('authorization_code'), Type.Literal('client_credentials')], {
            description:
              'Whether a person says yes, which is so unless said, or the daemon has credentials of its own.',
          }),
        ),
        issuer: Type.Optional(Type.String({ pattern: '^https?://', maxLength: 2048 })),
        clientId: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
        clientSecret: Type.Optional(Type.String({ maxLength: 4096, description: REFERENCES })),
        clientKey: Type.Optional(
          Type.String({ maxLength: 4096, description: `Private key, used instead of a secret. ${REFERENCES}` }),
        ),
        clientKeyId: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
        scopes: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems: 100 })),
      },
      { description: 'OAuth 2.1 at a server over HTTP; found out unless said.' },
    ),
  ),
  prefix: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9_.-]{0,64}$',
      description: 'Before the names of its tools and prompts; NAME__ unless said, "" for none.',
    }),
  ),
  instances: Type.Optional(
    Type.Union([Type.Literal('shared'), Type.Literal('per-caller')], {
      description: 'Whether all callers share one, or each has its own.',
    }),
  ),
  era: Type.Optional(
    Type.Literal('legacy', {
      description: 'Speak the legacy era with it though it speaks both; found out unless said.',
    }),
  ),
  capabilities: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
      maxItems: 16,
      description: 'What callers of its tools must have been given.',
    }),
  ),
  labels: Type.Optional(Labels),
  callTimeoutMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 86_400_000 })),
});

const Count = Type.Integer({ minimum: 0 });
const Names = (description: string) => Type.Optional(Type.Array(Type.String(), { description }));
const Era = Type.Union([Type.Literal('legacy'), Type.Literal('modern')], {
  description: 'legacy: sessions, up to revision 2025-11-25; modern: from 2026-07-28.',
});

/** What would run, or be called: never a value that may be a secret. */
const SHOWN = {
  transport: Type.Union([Type.Literal('stdio'), Type.Literal('http')]),
  command: Type.Optional(Type.String({ description: 'Absolute path.' })),
  args: Type.Optional(Type.Array(Type.String())),
  env: Names('Names of variables.'),
  references: Names('What stands for secrets: file:/path, env:NAME, credential:NAME.'),
  workingDirectory: Type.Optional(Type.String()),
  url: Type.Optional(Type.String()),
  headers: Names('Names of headers.'),
};

/** An MCP server behind the daemon. */
export const McpServerRecord = Exactly({
  name: ServerName,
  source: Type.Union([Type.Literal('configuration'), Type.Literal('method')], {
    description: 'Only what a method added is changed and removed by one.',
  }),
  ...SHOWN,
  prefix: Type.String(),
  state: Type.Union([
    Type.Literal('connecting'),
    Type.Literal('ready'),
    Type.Literal('backoff'),
    Type.Literal('failed'),
    Type.Literal('stopped'),
  ]),
  reason: Type.Optional(Type.String({ description: 'Why it is not ready.' })),
  era: Type.Optional(Era),
  protocolVersion: Type.Optional(Type.String({ description: 'Revision that was agreed on.' })),
  tools: Count,
  prompts: Count,
  resources: Count,
});

/** How it stands with what a server over HTTP asks for; nothing of any token. */
const McpAuthorization = Exactly({
  state: Type.Union([Type.Literal('authorized'), Type.Literal('needs-authorization'), Type.Literal('refused')], {
    description: 'needs-authorization: a person has to say yes, mcp.authorize; refused: that would not help.',
  }),
  issuer: Type.Optional(Type.String()),
  scopes: Names('Asked for.'),
  expiresAt: Type.Optional(Time),
  problem: Type.Optional(Type.String({ description: 'Why it is not authorized.' })),
});

/** An MCP server, and how it fares. */
export const McpServerStatus = Exactly({
  ...McpServerRecord.properties,
  serverName: Type.Optional(Type.String({ description: 'As it calls itself.' })),
  serverVersion: Type.Optional(Type.String()),
  restarts: Count,
  inFlight: Type.Integer({ minimum: 0, description: 'Requests that it has not answered yet.' }),
  garbageLines: Type.Integer({ minimum: 0, description: 'Lines that it printed and that were no messages.' }),
  lastError: Type.Optional(Type.String()),
  authorization: Type.Optional(McpAuthorization),
  refusedTools: Type.Array(Exactly({ name: Type.String(), reason: Type.String() }), {
    description: 'Tools of its that are left out.',
  }),
  addedAt: Type.Optional(Time),
  addedBy: Type.Optional(Type.String()),
});

const ServerRef = { name: ServerName };
const Keyed = { idempotencyKey: IdempotencyKey };

export const mcpAdd = method({
  name: 'mcp.add',
  summary: 'Put an MCP server behind the daemon; it starts at once and after each start of the daemon.',
  permission: 'mcp:admin',
  effect: true,
  params: Exactly({ ...ServerRef, server: McpServerConfig, ...Keyed }),
  result: McpServerRecord,
  errors: ['conflict', 'limit_exceeded'],
});

export const mcpChange = method({
  name: 'mcp.change',
  summary: 'Give a server that a method added another configuration, as a whole; it starts again with it.',
  permission: 'mcp:admin',
  effect: true,
  params: Exactly({ ...ServerRef, server: McpServerConfig, ...Keyed }),
  result: McpServerRecord,
  errors: ['not_found', 'conflict'],
});

export const mcpRemove = method({
  name: 'mcp.remove',
  summary: 'Stop a server that a method added, and withdraw what it offers.',
  permission: 'mcp:admin',
  effect: true,
  params: Exactly({ ...ServerRef, ...Keyed }),
  result: Done,
  errors: ['not_found', 'conflict'],
});

export const mcpList = method({
  name: 'mcp.list',
  summary: 'MCP servers behind the daemon.',
  permission: 'mcp:read',
  params: Exactly({}),
  result: Exactly({ entries: Type.Array(McpServerRecord) }),
});

/** The side towards clients: who speaks what at `/mcp`. */
export const McpClients = Exactly({
  sessions: Type.Array(Exactly({ protocolVersion: Type.String(), count: Count }), {
    description: 'Sessions of legacy clients, by revision.',
  }),
  listeners: Type.Integer({ minimum: 0, description: 'Streams of modern clients that listen.' }),
  heldCalls: Type.Integer({ minimum: 0, description: 'Calls that wait for answers of modern clients.' }),
  known: Type.Array(
    Exactly({
      principal: Type.String(),
      era: Era,
      protocolVersion: Type.String(),
      name: Type.Optional(Type.String({ description: 'As it calls itself.' })),
      version: Type.Optional(Type.String()),
      lastAt: Time,
    }),
    { description: 'Clients since the start, the last heard of first; at most downstream.knownClients.' },
  ),
});

export const mcpStatus = method({
  name: 'mcp.status',
  summary: 'How MCP servers fare, and which revisions are spoken on either side.',
  permission: 'mcp:read',
  params: Exactly({ name: Type.Optional(ServerName) }),
  result: Exactly({
    servers: Type.Array(McpServerStatus),
    clients: Type.Optional({ ...McpClients, description: 'Unless one server was asked for.' }),
  }),
  errors: ['not_found'],
});

export const mcpLogs = method({
  name: 'mcp.logs',
  summary: 'The last lines that an MCP server wrote to stderr, or to stdout though they are no messages.',
  permission: 'mcp:read',
  params: Exactly({
    ...ServerRef,
    lines: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
  }),
  result: Exactly({
    entries: Type.Array(
      Exactly({
        time: Time,
        stream: Type.Union([Type.Literal('stdout'), Type.Literal('stderr')], {
          description: 'stdout: a line where only messages may be, of which the beginning is kept.',
        }),
        line: Type.String(),
        truncated: Type.Optional(Type.Boolean()),
      }),
    ),
  }),
  errors: ['not_found'],
});

export const mcpRestart = method({
  name: 'mcp.restart',
  summary: 'Stop an MCP server and start it again; forgets its earlier failures.',
  permission: 'mcp:admin',
  effect: true,
  // Takes no idempotencyKey: a server that is restarted twice runs.
  params: Exactly({ ...ServerRef }),
  result: McpServerRecord,
  errors: ['not_found'],
});

/** The authorization that a method is about, beside its server. */
const Whose = {
  principal: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'Whose it is, at a server with instances per caller; the caller’s own without mcp:admin.',
    }),
  ),
};

export const mcpAuthorize = method({
  name: 'mcp.authorize',
  summary:
    'Begin an authorization at a server over HTTP; the person who opens the URL and says yes ends it. For anybody with mcp:admin, for oneself without.',
  permission: 'mcp:use',
  effect: true,
  // Takes no idempotencyKey: two that wait for a person do no harm, and end by themselves.
  params: Exactly({ ...ServerRef, ...Whose }),
  result: Exactly({ url: Type.String({ description: 'To be opened in a browser.' }), expiresAt: Time }),
  errors: ['not_found', 'conflict', 'limit_exceeded', 'permission_denied', 'unavailable'],
});

export const mcpDeauthorize = method({
  name: 'mcp.deauthorize',
  summary:
    'Withdraw an authorization that a person gave at a server over HTTP: its tokens are erased, and revoked where that can be done. Anybody’s with mcp:admin, one’s own without.',
  permission: 'mcp:use',
  effect: true,
  // Takes no idempotencyKey: once it is withdrawn there is none to be withdrawn.
  params: Exactly({ ...ServerRef, ...Whose }),
  result: Exactly({
    issuer: Type.String({ description: 'Authorization server that it was given by.' }),
    revoked: Type.Boolean({ description: 'Whether that has ended its tokens; they end by themselves otherwise.' }),
    reason: Type.Optional(Type.String({ description: 'Why it has not.' })),
  }),
  errors: ['not_found', 'conflict', 'limit_exceeded', 'permission_denied'],
});

/** What importing one server would do. */
export const McpImportEntry = Exactly({
  name: Type.String({ description: 'Of the server here.' }),
  from: Type.Optional(Type.String({ description: 'Its name in the document, where that cannot be kept.' })),
  outcome: Type.Union([Type.Literal('add'), Type.Literal('replace'), Type.Literal('same'), Type.Literal('refuse')]),
  ...SHOWN,
  transport: Type.Optional(SHOWN.transport),
  reasons: Type.Optional(Type.Array(Type.String(), { description: 'Why it is refused, and what to do.' })),
  ignored: Type.Optional(Type.Array(Type.String(), { description: 'Keys that mean nothing to the daemon.' })),
});

export const mcpImport = method({
  name: 'mcp.import',
  summary:
    'Put the servers of a client’s mcpServers behind the daemon; first shows what would run, and runs it once that is confirmed.',
  permission: 'mcp:admin',
  effect: true,
  params: Exactly({
    document: Type.Record(Type.String(), Type.Unknown(), {
      description: 'The client’s configuration: mcpServers, or servers as VS Code writes it.',
    }),
    only: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
        minItems: 1,
        maxItems: 1000,
        description: 'Names in the document; all of them unless said.',
      }),
    ),
    confirm: Type.Optional(
      Type.String({ pattern: '^[0-9a-f]{64}$', description: 'Digest of what was shown; without it nothing is done.' }),
    ),
    ...Keyed,
  }),
  result: Exactly({
    entries: Type.Array(McpImportEntry),
    digest: Type.String({ description: 'Confirms exactly this.' }),
    done: Type.Boolean(),
  }),
  errors: ['conflict', 'limit_exceeded'],
});
