import type { Methods, ResultOf } from '@ai-orchestrator/protocol';
import type { Context } from './context.js';
import type { Output } from './output.js';
import { printable } from './printable.js';
import { table } from './table.js';
import { relativeTime } from './time-text.js';

/** An MCP server as `mcp.list` shows it. */
export type McpServer = ResultOf<Methods['mcp.list']>['entries'][number];
type McpStatus = ResultOf<Methods['mcp.status']>['servers'][number];
type McpClients = NonNullable<ResultOf<Methods['mcp.status']>['clients']>;
type Imported = ResultOf<Methods['mcp.import']>['entries'][number];

/** What a server runs or calls, on one line. */
export function reachedBy({ command, args = [], url }: Pick<McpServer, 'command' | 'args' | 'url'>): string {
  return url ?? [command ?? '', ...args].map(quoted).join(' ');
}

/** Servers as a table. */
export function mcpServersText(servers: readonly McpServer[], output: Output): string {
  if (servers.length === 0) return 'no MCP servers: "orchestrator mcp add" puts one behind the daemon';
  return table(
    [
      { title: 'server' },
      { title: 'state' },
      { title: 'revision' },
      { title: 'tools', align: 'right' },
      { title: 'prompts', align: 'right' },
      { title: 'resources', align: 'right' },
      { title: 'from' },
      { title: 'runs or calls', flexible: true },
    ],
    servers.map((server) => [
      output.style.bold(server.name),
      output.style.state(server.state),
      server.protocolVersion ?? '-',
      String(server.tools),
      String(server.prompts),
      String(server.resources),
      server.source,
      reachedBy(server),
    ]),
    output,
  );
}

/** One server with everything that is known of it. */
export function mcpStatusText(server: McpStatus, { output, now }: Context): string {
  const { style } = output;
  const itself = [server.serverName, server.serverVersion].filter(Boolean).join(' ');
  const offers = [
    count(server.tools, 'tool'),
    count(server.prompts, 'prompt'),
    count(server.resources, 'resource'),
  ].join(', ');
  const refused = server.refusedTools.map(({ name, reason }) => `${name}: ${reason}`);
  return output.pairs([
    ['server', style.bold(server.name)],
    ['state', style.state(server.state)],
    ['reason', server.reason],
    ['calls itself', itself === '' ? undefined : itself],
    ['revision', server.protocolVersion && `${server.protocolVersion} (${server.era ?? 'unknown era'})`],
    ['offers', offers],
    ['prefix', server.prefix === '' ? 'none' : server.prefix],
    [server.transport === 'stdio' ? 'runs' : 'calls', reachedBy(server)],
    ['env', server.env?.join(', ')],
    ['headers', server.headers?.join(', ')],
    ['secrets', server.references?.join(', ')],
    ['in flight', String(server.inFlight)],
    ['restarts', String(server.restarts)],
    ['garbage lines', server.garbageLines === 0 ? undefined : String(server.garbageLines)],
    ['last error', server.lastError],
    ['authorization', authorizationText(server)],
    ['left out', refused.length === 0 ? undefined : refused.join('\n')],
    ['from', server.source === 'method' ? addedText(server, now()) : 'the configuration file'],
  ]);
}

/** Who speaks what at `/mcp`. */
export function mcpClientsText(
  { sessions, listeners, heldCalls, known }: McpClients,
  { output, now }: Context,
): string {
  const open = sessions.map(({ protocolVersion, count: many }) => `${String(many)} of ${protocolVersion}`);
  const pairs = output.pairs([
    ['sessions', open.length === 0 ? 'none' : open.join(', ')],
    ['listening', String(listeners)],
    ['held calls', heldCalls === 0 ? undefined : String(heldCalls)],
  ]);
  if (known.length === 0) return `no MCP clients yet\n${pairs}`;
  return `${table(
    [{ title: 'client', flexible: true }, { title: 'principal' }, { title: 'revision' }, { title: 'last heard' }],
    known.map(({ name, version, principal, protocolVersion, era, lastAt }) => [
      printable([name ?? '-', version].filter(Boolean).join(' ')),
      principal,
      `${protocolVersion} (${era})`,
      relativeTime(lastAt, now()),
    ]),
    output,
  )}\n${pairs}`;
}

function authorizationText({ name, authorization }: McpStatus): string | undefined {
  if (authorization === undefined) return undefined;
  const { state, issuer, problem } = authorization;
  if (state === 'refused') return `refused: ${problem ?? 'it asks for what it has'}`;
  if (state === 'authorized') return `at ${issuer ?? 'its own'}`;
  return `needed${problem === undefined ? '' : ` (${problem})`}: orchestrator mcp authorize ${name}`;
}

/** What importing would do, server by server. */
export function importText(entries: readonly Imported[], { style }: Output): string {
  const marks = {
    add: style.green('+ add    '),
    replace: style.yellow('~ replace'),
    same: style.dim('= same   '),
    refuse: style.red('x refuse '),
  };
  return entries
    .flatMap((entry) => {
      const { name, from, outcome, reasons = [], ignored = [] } = entry;
      const line = (title: string, text: string | undefined) =>
        text === undefined || text === '' ? [] : [`            ${style.dim(title)} ${text}`];
      return [
        `${marks[outcome]} ${style.bold(name)}${from === undefined ? '' : ` (there "${from}")`}`,
        ...line(entry.transport === 'http' ? 'calls' : 'runs', entry.transport && reachedBy(entry)),
        ...line('in', entry.workingDirectory),
        ...line('env', entry.env?.join(', ')),
        ...line('headers', entry.headers?.join(', ')),
        ...line('secrets', entry.references?.join(', ')),
        ...line('ignored', ignored.join(', ')),
        ...reasons.map((reason) => `            ${style.red('because')} ${reason}`),
      ];
    })
    .map(printable)
    .join('\n');
}

function addedText({ addedAt, addedBy }: McpStatus, now: number): string {
  return `a method${addedBy === undefined ? '' : ` of ${addedBy}`}, ${relativeTime(addedAt, now)}`;
}

function count(number: number, noun: string): string {
  return `${String(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** As a shell would want it, so that it can be tried by hand. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
