import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

/** Who we say we are to a server. */
export const OUR_NAME = { name: 'ai-orchestrator', version };
