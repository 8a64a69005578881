import { hostname } from 'node:os';
import { SECRET_REFERENCE } from '@ai-orchestrator/core/plugin';
import { access } from './access.js';
import { choice, fraction, integer, list, text, type ConfigOf } from './leaf.js';
import { limits } from './limits.js';
import { plugins, programs } from './tables.js';
import { tools } from './tools.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MIB = 1024 * 1024;

const ORIGIN = /^https?:\/\/[a-z0-9.-]+(?::\d{1,5})?$|^https?:\/\/\[[0-9a-f:]+\](?::\d{1,5})?$/;
const HOST = /^[a-zA-Z0-9.-]{1,253}$|^\[[0-9a-fA-F:.]{2,45}\]$/;

/** Everything that can be configured: the one source of types, checks, environment names and the JSON Schema. */
export const SCHEMA = {
  node: text({
    doc: 'Name of this node in the journal; letters, digits, ".", "_" and "-".',
    default:
      hostname()
        .replace(/[^a-zA-Z0-9._-]/g, '-')
        .slice(0, 64) || 'node',
    pattern: /^[a-zA-Z0-9._-]{1,64}$/,
    expected: '1 to 64 letters, digits, ".", "_" or "-"',
  }),
  dataDir: text<string | undefined>({
    doc: 'Directory of everything durable; $XDG_STATE_HOME/ai-orchestrator unless said. One daemon per directory.',
    default: undefined,
  }),
  http: {
    host: text({
      doc: 'Address to listen on; other than a loopback address needs http.tls.',
      default: '127.0.0.1',
      pattern: /^[0-9a-fA-F:.]{2,45}$|^localhost$/,
      expected: 'an IP address or localhost',
    }),
    port: integer({
      doc: 'Port of HTTP and WebSocket; 0 is any free one.',
      default: 7420,
      minimum: 0,
      maximum: 65_535,
    }),
    allowedHosts: list({
      doc: 'Names, without a port, that a Host header may have beside loopback names and http.host.',
      default: [],
      maxItems: 100,
      pattern: HOST,
      expected: 'a list of at most 100 host names or [IPv6] addresses, without a port',
      reload: 'live',
    }),
    allowedOrigins: list({
      doc: 'Origins that browsers may call from beside our own.',
      default: [],
      maxItems: 100,
      pattern: ORIGIN,
      expected: 'a list of at most 100 origins such as https://console.example.org',
      reload: 'live',
    }),
    bodyBytes: integer({ doc: 'Largest request body.', default: MIB, minimum: 1024, maximum: 64 * MIB }),
    headerBytes: integer({ doc: 'Largest head of a request.', default: 16_384, minimum: 1024, maximum: 262_144 }),
    headersTimeoutMs: integer({ doc: 'Time for the head of a request.', default: 10_000, minimum: 100, maximum: HOUR }),
    requestTimeoutMs: integer({ doc: 'Time for a whole request.', default: 30_000, minimum: 100, maximum: HOUR }),
    keepAliveTimeoutMs: integer({ doc: 'Idle time of a connection.', default: 5_000, minimum: 100, maximum: HOUR }),
    connections: integer({ doc: 'Open connections at most.', default: 20_000, minimum: 1, maximum: 1_000_000 }),
    reservedFiles: integer({
      doc: 'Of the limit of open files, so many are kept free of connections, for the store, plugins and programs.',
      default: 64,
      minimum: 1,
      maximum: 1_000_000,
    }),
    tls: {
      cert: text<string | undefined>({
        doc: 'PEM file of the certificate chain; read again on SIGHUP.',
        default: undefined,
        reload: 'live',
      }),
      key: text<string | undefined>({
        doc: 'The private key: file:/absolute/path, env:NAME or credential:NAME; read again on SIGHUP.',
        default: undefined,
        pattern: SECRET_REFERENCE,
        expected: 'a reference: file:/absolute/path, env:NAME or credential:NAME',
        reload: 'live',
      }),
    },
  },
  log: {
    level: choice({
      doc: 'Least severe lines that are written.',
      default: 'info',
      values: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      reload: 'live',
    }),
    format: choice({
      doc: 'json, or pretty for people; auto is pretty in dev on a terminal, else json.',
      default: 'auto',
      values: ['auto', 'json', 'pretty'],
    }),
    bufferBytes: integer({
      doc: 'Lines waiting to be written; past that they are dropped and counted.',
      default: 4 * MIB,
      minimum: 65_536,
      maximum: 256 * MIB,
    }),
  },
  drain: {
    deadlineMs: integer({
      doc: 'From SIGTERM until calls in flight are given up.',
      default: 25_000,
      minimum: 0,
      maximum: 10 * MINUTE,
      reload: 'live',
    }),
  },
  overload: {
    heapSoftLimit: fraction({
      doc: 'Share of the heap limit from which new sessions and calls are refused.',
      default: 0.7,
    }),
    heapHardLimit: fraction({
      doc: 'Share of the heap limit from which the daemon stops with a report, before it would be killed.',
      default: 0.85,
    }),
    youngGenerationBytes: integer({
      doc: "Up to where V8's young generation grows; more spares processor time, less spares memory.",
      default: 16 * MIB,
      minimum: 2 * MIB,
      maximum: 1024 * MIB,
    }),
    heapGrowthPercent: integer({
      doc: 'How much the heap may grow from one full collection to the next; more spares processor time, less spares memory.',
      default: 75,
      minimum: 10,
      maximum: 300,
    }),
    loopStallMs: integer({
      doc: 'Event loop lag from which the daemon is not ready and the watchdog is not fed.',
      default: 5_000,
      minimum: 100,
      maximum: 10 * MINUTE,
    }),
  },
  access,
  tools,
  limits,
  pluginRoots: list({
    doc: 'Directories that plugins may be loaded from by path.',
    default: [],
    maxItems: 16,
    expected: 'a list of at most 16 absolute paths',
    pattern: /^\//,
  }),
  plugins,
  programs,
} as const;

/** The configuration of a daemon, checked and with its defaults. */
export type Config = ConfigOf<typeof SCHEMA>;

/** Flags and the keys that they set; `--config` names the file. */
export const FLAGS = {
  '--data-dir': 'dataDir',
  '--http-port': 'http.port',
  '--log-level': 'log.level',
} as const;

/** Environment variables with our prefix that are not keys of the configuration. */
export const OTHER_VARIABLES = ['ORCHESTRATOR_CONFIG', 'ORCHESTRATOR_URL', 'ORCHESTRATOR_TOKEN'] as const;

/** The variable that sets a key: `http.port` is ORCHESTRATOR_HTTP_PORT. */
export function variableOf(key: string): string {
  return `ORCHESTRATOR_${key
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('.', '_')
    .toUpperCase()}`;
}
