import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';

/** Where a server is: a program to start, or an address with the headers that it wants. */
export type Place =
  | { readonly command: string; readonly args: readonly string[]; readonly env?: Readonly<Record<string, string>> }
  | { readonly url: string; readonly headers?: Readonly<Record<string, string>> };

/** What a client of either SDK is asked to do; the members are theirs. */
export interface Talk {
  listTools(): Promise<unknown>;
  listPrompts(): Promise<unknown>;
  listResources(): Promise<unknown>;
  listResourceTemplates(): Promise<unknown>;
  callTool(
    params: { name: string; arguments?: Record<string, unknown> },
    progress?: (step: unknown) => void,
  ): Promise<unknown>;
  getPrompt(params: { name: string; arguments?: Record<string, string> }): Promise<unknown>;
  readResource(params: { uri: string }): Promise<unknown>;
  complete(params: Completion): Promise<unknown>;
  close(): Promise<void>;
}

/** What completion is asked for. */
export interface Completion {
  readonly ref: { type: 'ref/prompt'; name: string } | { type: 'ref/resource'; uri: string };
  readonly argument: { name: string; value: string };
  readonly context?: { arguments: Record<string, string> };
}

/** The clients, as they come: the first SDK, and the second one told to speak the legacy era, to find out, and to speak the modern one only. */
export type Speaker = 'SDK v1' | 'SDK v2 legacy' | 'SDK v2 auto' | 'SDK v2 modern';

const WHO = { name: 'interop', version: '1.0.0' };
const CAN = { roots: { listChanged: true }, sampling: {}, elicitation: { form: {}, url: {} } };
const ROOTS = { roots: [{ uri: 'file:///nowhere', name: 'nowhere' }] };
const SAMPLE = {
  role: 'assistant' as const,
  model: 'none',
  stopReason: 'endTurn',
  content: { type: 'text' as const, text: 'sampled' },
};
const ENTERED = { action: 'accept' as const, content: { name: 'Ada' } };

/** Opens a connection of that client; it answers every question of a server alike. */
export async function talk(speaker: Speaker, place: Place): Promise<Talk> {
  return speaker === 'SDK v1' ? first(place) : second(speaker, place);
}

const started = ({ command, args, env }: Extract<Place, { command: string }>) => ({
  command,
  args: [...args],
  ...(env && { env: { ...env } }),
  stderr: 'ignore' as const,
});

async function first(place: Place): Promise<Talk> {
  const client = new Client(WHO, { capabilities: CAN });
  client.setRequestHandler(ListRootsRequestSchema, () => ROOTS);
  client.setRequestHandler(CreateMessageRequestSchema, () => SAMPLE);
  client.setRequestHandler(ElicitRequestSchema, () => ENTERED);
  const transport =
    'command' in place
      ? new StdioClientTransport(started(place))
      : new StreamableHTTPClientTransport(new URL(place.url), { requestInit: { headers: { ...place.headers } } });
  await client.connect(transport);
  return {
    listTools: () => client.listTools(),
    listPrompts: () => client.listPrompts(),
    listResources: () => client.listResources(),
    listResourceTemplates: () => client.listResourceTemplates(),
    callTool: (params, onprogress) => client.callTool(params, undefined, onprogress && { onprogress }),
    getPrompt: (params) => client.getPrompt(params),
    readResource: (params) => client.readResource(params),
    complete: (params) => client.complete(params),
    close: () => client.close(),
  };
}

const MODES = {
  'SDK v2 legacy': { mode: 'legacy' },
  'SDK v2 auto': { mode: 'auto' },
  'SDK v2 modern': { mode: { pin: '2026-07-28' } },
} as const;

async function second(speaker: Exclude<Speaker, 'SDK v1'>, place: Place): Promise<Talk> {
  const client = new ModernClient(WHO, { capabilities: CAN, versionNegotiation: MODES[speaker] });
  client.setRequestHandler('roots/list', () => ROOTS);
  client.setRequestHandler('sampling/createMessage', () => SAMPLE);
  client.setRequestHandler('elicitation/create', () => ENTERED);
  await client.connect(
    'command' in place
      ? new ModernStdio(started(place))
      : new ModernHttp(new URL(place.url), { requestInit: { headers: { ...place.headers } } }),
  );
  return {
    listTools: () => client.listTools(),
    listPrompts: () => client.listPrompts(),
    listResources: () => client.listResources(),
    listResourceTemplates: () => client.listResourceTemplates(),
    callTool: (params, onprogress) => client.callTool(params, onprogress && { onprogress }),
    getPrompt: (params) => client.getPrompt(params),
    readResource: (params) => client.readResource(params),
    complete: (params) => client.complete(params),
    close: () => client.close(),
  };
}
