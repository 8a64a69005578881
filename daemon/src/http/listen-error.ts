/** The listener could not be bound; says which key to change. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly inUse: boolean;

  constructor(host: string, port: number, cause: NodeJS.ErrnoException) {
    const inUse = cause.code === 'EADDRINUSE';
    super(
      inUse
        ? `port ${port} of ${host} is in use: stop what listens there, or set http.port (--http-port, ORCHESTRATOR_HTTP_PORT; 0 is any free port)`
        : `cannot listen on ${host} port ${port} (http.host, http.port): ${cause.message}`,
      { cause },
    );
    this.inUse = inUse;
  }
}
