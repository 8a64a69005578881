import type { Requirement } from './requirement.js';

export const mcpOauth: readonly Requirement[] = [
  {
    id: 'MCP-101',
    source: 'ISSUE 4 downstream: audience checks; RFC 8707',
    behaviour: 'A token that is for one HTTP resource opens no other, and no JSON-RPC session.',
  },
  {
    id: 'MCP-102',
    source: 'DESIGN 11: no secret in a config file',
    behaviour: 'A plugin reads the secrets that its configuration refers to.',
  },
  {
    id: 'MCP-103',
    source: 'DESIGN 11: outbound requests to private addresses are refused unless listed',
    behaviour:
      'Where a server leads to over HTTP is reached only at public addresses, unless it is listed; without TLS only this machine is, unless the origin is.',
  },
  {
    id: 'MCP-104',
    source: 'ISSUE 4 upstream; DNS rebinding, OAuth security best practices (SSRF)',
    behaviour:
      'A connection goes to the very address that was checked, is checked when it is made, and so is each of a bounded number of redirects.',
  },
  {
    id: 'MCP-105',
    source: 'DESIGN 10',
    behaviour: 'What a server answers about its authorization is read up to a size and for a time.',
  },
  {
    id: 'MCP-106',
    source: 'MCP 2026-07-28 authorization; RFC 7636, RFC 8707',
    behaviour:
      'A person authorizes the daemon at a server by code with PKCE S256, for that server alone: the resource is named in both requests.',
  },
  {
    id: 'MCP-107',
    source: 'MCP 2026-07-28 authorization server discovery; RFC 9728',
    behaviour:
      'The metadata of a server is found by its challenge, else at its path, else at its root, and believed only when it is about that server.',
  },
  {
    id: 'MCP-108',
    source: 'MCP 2026-07-28 authorization server discovery; RFC 8414, OpenID Connect Discovery',
    behaviour:
      'An authorization server is found at the specified places in their order, and used only when it is the issuer that was asked for, announces PKCE and has TLS.',
  },
  {
    id: 'MCP-109',
    source: 'MCP 2026-07-28 authorization response validation; RFC 9207',
    behaviour:
      'The answer to an authorization is taken once, in time, by its state, from the issuer that was asked; before that nothing of it is looked at.',
  },
  {
    id: 'MCP-110',
    source: 'MCP 2026-07-28 client registration; SEP-2352',
    behaviour:
      'The daemon is the registered client, else its metadata document, else registers itself with its application type; a client of one issuer is never shown to another.',
  },
  {
    id: 'MCP-111',
    source: 'MCP 2026-07-28 refresh tokens; OAuth 2.1 §4.3',
    behaviour:
      'Tokens are renewed before they end and when they are refused, once for all who wait, with rotation, and a bounded number of times.',
  },
  {
    id: 'MCP-112',
    source: 'MCP 2026-07-28 step-up authorization',
    behaviour:
      'More scopes are asked for together with those asked for before, and not again when they are not granted.',
  },
  {
    id: 'MCP-126',
    source: 'MCP 2026-07-28 step-up authorization: retry limits; DESIGN 10',
    behaviour: 'However many scopes a server asks for, no more than a limit are asked for at its authorization server.',
  },
  {
    id: 'MCP-127',
    source: 'MCP 2026-07-28 authorization server binding; SEP-2352',
    behaviour:
      'Where a server refuses a token, who authorizes is found out anew: at another authorization server the daemon is registered and authorized anew, and shows it nothing of the one before.',
  },
  {
    id: 'MCP-113',
    source: 'MCP extension: OAuth client credentials',
    behaviour: 'With credentials of its own the daemon needs no person, not for more scopes either.',
  },
  {
    id: 'MCP-186',
    source: 'MCP extension: OAuth client credentials; RFC 7523',
    behaviour:
      'The daemon shows who it is by assertions signed with a private key, where it has one: for that authorization server alone, good for a minute; a key that cannot be used is said, and not shown.',
  },
  {
    id: 'MCP-114',
    source: 'ISSUE 4 upstream: tokens per upstream',
    behaviour: 'Callers have tokens of their own at a server that is per caller.',
  },
  {
    id: 'MCP-115',
    source: 'ISSUE 4 upstream: tokens per upstream',
    behaviour:
      'Tokens outlive the daemon, and are sent to no other URL than the one they are for, whatever the server is called.',
  },
  {
    id: 'MCP-116',
    source: 'ISSUE 4 upstream: tokens encrypted',
    behaviour:
      'Credentials are sealed in the store with a key that only the daemon’s user can read, each bound to its place, and are in no log and no status.',
  },
  {
    id: 'MCP-117',
    source: 'ISSUE 4 upstream: servers removed',
    behaviour: 'Credentials of a server are erased with it.',
  },
  {
    id: 'MCP-129',
    source: 'MCP 2026-07-28 security considerations: whoever ends an authorization has to be who it is for',
    behaviour:
      'An authorization that a caller began for itself goes on only after the person who came back has seen and confirmed whose it is.',
  },
  {
    id: 'MCP-172',
    source: 'ISSUE 4 upstream: tokens per upstream',
    behaviour:
      'A caller begins authorizations for itself alone, at servers with tokens per caller that the rules for tools let it use; of others it learns nothing.',
  },
  {
    id: 'MCP-188',
    source: 'ISSUE 4 upstream: servers removed; RFC 7009',
    behaviour:
      'Tokens of a server that is removed, or gets another URL while the daemon runs, are revoked where its authorization server has a way, within a bounded time that no stop waits for, then erased; the journal has what became of them.',
  },
  {
    id: 'MCP-191',
    source: 'RFC 8414 §2: revocation_endpoint_auth_methods_supported',
    behaviour:
      'At a revocation endpoint the daemon shows who it is as that says it wants it, and as at the token endpoint where it says nothing.',
  },
  {
    id: 'MCP-192',
    source: 'DESIGN 10; ISSUE 4 upstream: servers added, changed and removed without a restart',
    behaviour:
      'No server waits for another that is slow to end or whose tokens are being revoked; tokens of a bounded number of servers are revoked at once.',
  },
  {
    id: 'MCP-193',
    source: 'ISSUE 4 upstream: OAuth 2.1 towards upstreams; RFC 7009',
    behaviour:
      'An authorization that a person gave can be withdrawn: nothing is sent with it from then on, nothing begun before brings it back, its tokens are erased in one commit with the record of who withdrew it, and revoked where that can be done in time; where they cannot be erased it goes on, and nothing else is said.',
  },
  {
    id: 'MCP-194',
    source: 'ISSUE 4 upstream: OAuth 2.1 towards upstreams; ISSUE 4 permissions',
    behaviour:
      'mcp.deauthorize withdraws anybody’s authorization for who may mcp:admin, one’s own otherwise, and tells nothing of other servers; the journal has who withdrew it and what became of its tokens.',
  },
  {
    id: 'MCP-199',
    source: 'issue 4; PROTOCOLS A',
    behaviour: 'Tokens that a renewal writes while their server is removed are revoked and erased with the others.',
  },
  {
    id: 'MCP-200',
    source: 'ISSUE 4 upstream: servers added, changed and removed without a restart, OAuth 2.1 towards upstreams',
    behaviour:
      'A server that goes, is changed or ends with the daemon waits a bounded time for tokens that are just being renewed, so that none is lost with the refresh token that it replaced; a registration that is answered or written after it is not left behind.',
  },
  {
    id: 'MCP-197',
    source: 'ISSUE 4 upstream: servers removed; OAuth 2.1 towards upstreams',
    behaviour:
      'A person who says yes at a server that was removed or changed meanwhile is told so, and what to do; nothing is kept or recorded as authorized, and what was granted is revoked.',
  },
  {
    id: 'MCP-128',
    source: 'ISSUE 4 upstream: servers removed',
    behaviour: 'Credentials of servers that were removed while the daemon was down are erased at its next start.',
  },
  {
    id: 'MCP-118',
    source: 'MCP 2026-07-28 token handling; RFC 9068, RFC 8707',
    behaviour:
      'An access token of a configured issuer is somebody with the roles of its scopes, at the one resource that it is for and nowhere else.',
  },
  {
    id: 'MCP-119',
    source: 'OAuth 2.1 §5.2; RFC 8725',
    behaviour:
      'A token that ended, is not valid yet, never ends, is of another issuer or kind, or is not signed with a public key of its issuer is nobody’s.',
  },
  {
    id: 'MCP-120',
    source: 'DESIGN 10',
    behaviour:
      'Keys of issuers are fetched once, again for a key that is not known, and seldom whatever tokens come; without them a token is neither right nor wrong.',
  },
  {
    id: 'MCP-121',
    source: 'DESIGN 8: revoking a key takes effect on live connections',
    behaviour: 'What a client opened with an access token ends with it.',
  },
  {
    id: 'MCP-122',
    source: 'MCP 2026-07-28 authorization; RFC 9728, RFC 6750',
    behaviour:
      'The metadata of /mcp and of each set names the issuers of its tokens and its scopes, without offline_access; the challenge of a refused caller points to it and names the least scope.',
  },
  {
    id: 'MCP-123',
    source: 'MCP 2026-07-28 access token usage',
    behaviour:
      '/mcp is opened by access tokens beside API keys, in the header only; no other door of the daemon is opened by them.',
  },
  {
    id: 'MCP-124',
    source: 'MCP 2026-07-28 token passthrough',
    behaviour: 'What a caller came with is never sent to a server: requests to it carry its own authorization alone.',
  },
  {
    id: 'MCP-125',
    source: 'ISSUE 4 upstream: OAuth 2.1 towards upstreams',
    behaviour:
      'A server that asks for authorization says so in its status; a person opens the URL of mcp.authorize and says yes, and its tools are there; the journal has who and where, never a token.',
  },
];
