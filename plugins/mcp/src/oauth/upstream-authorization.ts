/** What a server answered to a request that it refused, 401 or 403. */
export interface Refusal {
  readonly status: 401 | 403;
  /** `WWW-Authenticate` as it came, several joined by `, `. */
  readonly challenge: string | undefined;
  /** The headers of {@link UpstreamAuthorization.headers} that the refused request had. */
  readonly sent: Readonly<Record<string, string>>;
}

/** What a person did about it. */
export type AuthorizationChange = 'authorized' | 'withdrawn';

/** How requests to one server over HTTP, for one caller where the server has an instance per caller, are authorized. */
export interface UpstreamAuthorization {
  /**
   * What each request must have besides; a value while the token at hand is good, a promise while another is fetched. Empty while
   * there is none. Never anything of a caller's own credentials.
   *
   * @throws OrchestratorError `unavailable` when the authorization server does not answer
   */
  headers(): Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /**
   * The server refused a request. `retry`: send it again with fresh {@link headers} (a bounded number of times in a while, whoever
   * asks); `needs-authorization`: a person has to say yes first (`mcp.status` says how), or more cannot be had.
   */
  challenged(refusal: Refusal): Promise<'retry' | 'needs-authorization'>;
  /** Called when a person's yes, or its end, has changed what {@link headers} says; answers how to stop listening. */
  onChanged(listener: (change: AuthorizationChange) => void): () => void;
}
