import { ROLES } from '@ai-orchestrator/protocol';
import { flag, integer, list, object, table, text } from './leaf.js';
import { isSecretReference } from './secret.js';

const SECRET_NAME = /(?:token|secret|password|passphrase|passwd|api_?key|private_?key|credentials?)$/i;

/** The member of an object, dotted, whose name says secret and whose value is the secret itself. */
function literalSecret(value: unknown, path: readonly string[] = []): string | undefined {
  if (typeof value === 'string') {
    const name = path.at(-1) ?? '';
    return SECRET_NAME.test(name) && !isSecretReference(value) ? path.join('.') : undefined;
  }
  if (typeof value !== 'object' || value === null || path.length > 16) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const found = literalSecret(member, Array.isArray(value) ? path : [...path, name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function withoutLiteralSecrets(value: object): string | undefined {
  const found = literalSecret(value);
  return found === undefined
    ? undefined
    : `a reference for ${found} (file:/path, env:NAME or credential:NAME), not the secret itself`;
}

function environment(value: object): string | undefined {
  for (const [name, member] of Object.entries(value)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)) return `environment names of letters, digits and _, not ${name}`;
    if (typeof member !== 'string' || member.length > 32_768) return `text for ${name}`;
    if (/^ORCHESTRATOR_(?:URL|TOKEN)$/.test(name)) return `no ${name}: the daemon sets it for each program`;
  }
  return withoutLiteralSecrets(value);
}

/** Which plugins are loaded, from where, and with what options. */
export const plugins = table({
  doc: 'Plugins by id; storage-level, auth-apikey, metrics and mcp unless disabled.',
  names: /^[a-z][a-z0-9-]{0,63}$/,
  entry: {
    package: text<string | undefined>({
      doc: 'npm package to load it from; @ai-orchestrator/plugin-ID unless said.',
      default: undefined,
      pattern: /^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/,
      expected: 'the name of an npm package',
    }),
    path: text<string | undefined>({
      doc: 'Module file or package directory to load it from instead, under one of pluginRoots.',
      default: undefined,
      pattern: /^\//,
      expected: 'an absolute path under one of pluginRoots',
    }),
    enabled: flag({ doc: 'Whether it is loaded.', default: true }),
    required: flag({ doc: 'Whether the daemon refuses to start without it.', default: true }),
    config: object<Readonly<Record<string, unknown>>>({
      doc: 'Its own options; see its README. On SIGHUP the plugin is restarted with them, or the whole reload refused.',
      reload: 'live',
      default: {},
      check: withoutLiteralSecrets,
    }),
  },
  default: { 'storage-level': {}, 'auth-apikey': {}, metrics: { required: false }, mcp: { required: false } },
});

/** Agents and other programs that the daemon runs. */
export const programs = table({
  doc: 'Programs that the daemon runs, each with a key of its own in ORCHESTRATOR_TOKEN, by name.',
  names: /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/,
  entry: {
    command: text({
      doc: 'Executable file; run without a shell.',
      default: '',
      pattern: /^\//,
      expected: 'the absolute path of an executable file',
    }),
    args: list({ doc: 'Arguments.', default: [], maxItems: 256 }),
    env: object<Readonly<Record<string, string>>>({
      doc: 'Added to a clean environment; a value can be a secret reference.',
      default: {},
      check: environment,
      schema: { type: 'object', additionalProperties: { type: 'string' } },
    }),
    workingDirectory: text<string | undefined>({
      doc: 'Where it runs; the data directory unless said.',
      default: undefined,
      pattern: /^\//,
      expected: 'an absolute path',
    }),
    roles: list({
      doc: 'Roles of its key.',
      default: ['agent'],
      maxItems: ROLES.length,
      pattern: new RegExp(`^(?:${ROLES.join('|')})$`),
      expected: `a list of ${ROLES.join(', ')}`,
    }),
    restart: {
      intensity: integer({
        doc: 'Unexpected ends within the period after which it is given up.',
        default: 5,
        minimum: 0,
        maximum: 1000,
      }),
      periodMs: integer({ doc: 'That period.', default: 60_000, minimum: 1000, maximum: 86_400_000 }),
      backoffMs: integer({ doc: 'First wait before a restart; doubles.', default: 500, minimum: 10, maximum: 600_000 }),
      maxBackoffMs: integer({
        doc: 'Longest wait before a restart.',
        default: 30_000,
        minimum: 10,
        maximum: 3_600_000,
      }),
    },
    stopTimeoutMs: integer({ doc: 'From TERM to KILL.', default: 5_000, minimum: 0, maximum: 600_000 }),
  },
  default: {},
});
