import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { PEERS } from './peers.js';

/** What the Inspector's command line printed, and how it ended. */
export interface Inspected {
  readonly code: number | null;
  readonly stdout: unknown;
  readonly stderr: string;
}

/** Runs the Inspector's command line against a server at a URL. `home` is where it may keep files. */
export async function inspect(
  server: { readonly url: string; readonly headers?: Readonly<Record<string, string>> },
  home: string,
  ...args: readonly string[]
): Promise<Inspected> {
  const headers = Object.entries(server.headers ?? {}).map(([name, value]) => `${name}: ${value}`);
  const child = spawn(
    PEERS.node,
    [
      PEERS.inspector,
      '--cli',
      '--transport',
      'http',
      '--server-url',
      server.url,
      ...(headers.length > 0 ? ['--header', ...headers] : []),
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH, HOME: home } },
  );
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: child.exitCode, stdout: jsonOr(stdout), stderr };
}

function jsonOr(printed: string): unknown {
  try {
    return JSON.parse(printed) as unknown;
  } catch {
    return printed;
  }
}
