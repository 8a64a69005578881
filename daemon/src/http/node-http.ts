/**
 * Node's server of HTTP. Not imported, as an import reads every export of a module: on Node 24 one of these loads a whole client, which
 * takes 13 MiB and which the daemon never uses.
 */
export const { createServer, STATUS_CODES, validateHeaderName, validateHeaderValue } =
  process.getBuiltinModule('node:http');
