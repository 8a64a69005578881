import { ConfigurationError, type ConfigurationIssue } from './configuration-error.js';
import { checked, type Problem } from './check.js';
import { readConfigurationFile, type ConfigurationFile } from './configuration-file.js';
import { layered, leavesOf } from './layers.js';
import { nearest } from '@ai-orchestrator/core/nearest';
import { keyText } from './unknown-key.js';
import { FLAGS, OTHER_VARIABLES, SCHEMA, variableOf, type Config } from './schema.js';

/** What a configuration is made from. */
export interface ConfigurationSources {
  /** `--config`; else ORCHESTRATOR_CONFIG; else no file. */
  readonly file?: string;
  readonly env: NodeJS.ProcessEnv;
  /** Values of flags by key (`http.port`), as they were typed. */
  readonly flags?: Readonly<Record<string, string>>;
}

/** A configuration that was checked, and where each of its values came from. */
export interface Configuration {
  readonly config: Config;
  /** By dotted key: `default`, `/etc/x.yaml:12`, `ORCHESTRATOR_HTTP_PORT` or `--http-port`. */
  readonly origins: ReadonlyMap<string, string>;
  readonly file: string | undefined;
  /** What was ignored and should be looked at. */
  readonly warnings: readonly string[];
}

/**
 * Reads, layers (flags over environment over file over defaults) and checks a configuration.
 *
 * @throws ConfigurationError with a line for everything that is wrong
 */
export async function loadConfiguration(sources: ConfigurationSources): Promise<Configuration> {
  const { env, flags = {} } = sources;
  const path = sources.file ?? env.ORCHESTRATOR_CONFIG;
  const file = path === undefined ? undefined : await readConfigurationFile(path);

  const issues: ConfigurationIssue[] = [];
  const refuse = (problems: readonly Problem[], where: (key: readonly string[]) => string, root: unknown) => {
    for (const { key, text } of problems) issues.push({ where: where(key), key: keyText(key, root), text });
  };
  // The file by itself first, since only there a key can be unknown; its lines are known for every key.
  if (file !== undefined) {
    const problems: Problem[] = [];
    checked(SCHEMA, file.value, [], problems);
    refuse(problems, (key) => file.where(key), file.value);
    if (issues.length > 0) throw new ConfigurationError(issues);
  }

  // Only messages and "config show" ask for them.
  let known: ReadonlyMap<string, string> | undefined;
  const origins = () => (known ??= originsOf(file, env, flags));
  const values = await layered(SCHEMA, file?.value ?? {}, env, flags);
  const problems: Problem[] = [];
  const config = checked(SCHEMA, values, [], problems) as Config;
  refuse(problems, (key) => origins().get(key.join('.')) ?? 'default', values);
  if (issues.length === 0)
    together(config, (key, text) =>
      refuse([{ key: key.split('.'), text }], () => origins().get(key) ?? 'default', config),
    );
  if (issues.length > 0) throw new ConfigurationError(issues);
  return {
    config,
    get origins() {
      return origins();
    },
    file: path,
    warnings: unknownVariables(env),
  };
}

/** What holds between keys. */
function together(config: Config, refuse: (key: string, text: string) => void): void {
  const { host, tls } = config.http;
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    refuse(
      tls.cert === undefined ? 'http.tls.cert' : 'http.tls.key',
      'expected both http.tls.cert and http.tls.key, or neither',
    );
  } else if (tls.cert === undefined && !isLoopback(host)) {
    refuse('http.host', `${host} is not a loopback address: TLS is required; set http.tls.cert and http.tls.key`);
  }
  if (config.overload.heapSoftLimit >= config.overload.heapHardLimit) {
    refuse('overload.heapSoftLimit', 'expected less than overload.heapHardLimit');
  }
  for (const [id, plugin] of Object.entries(config.plugins)) {
    if (plugin.path !== undefined && plugin.package !== undefined) {
      refuse(`plugins.${id}.path`, 'expected package or path, not both');
    }
  }
}

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

function originsOf(
  file: ConfigurationFile | undefined,
  env: NodeJS.ProcessEnv,
  flags: Readonly<Record<string, string>>,
): Map<string, string> {
  const flagOf = new Map<string, string>(Object.entries(FLAGS).map(([name, key]) => [key, name]));
  return new Map(
    leavesOf(SCHEMA, file?.value).map(({ key, written }) => {
      const dotted = key.join('.');
      if (Object.hasOwn(flags, dotted)) return [dotted, flagOf.get(dotted) ?? '--set'];
      if (env[variableOf(dotted)] !== undefined) return [dotted, variableOf(dotted)];
      return [dotted, written && file !== undefined ? file.where(key) : 'default'];
    }),
  );
}

function unknownVariables(env: NodeJS.ProcessEnv): string[] {
  const known = [...leavesOf(SCHEMA, undefined).map(({ key }) => variableOf(key.join('.'))), ...OTHER_VARIABLES];
  return Object.keys(env)
    .filter((name) => name.startsWith('ORCHESTRATOR_') && !known.includes(name))
    .map((name) => {
      const meant = nearest(name, known);
      return `${name} is not a variable of the daemon and was ignored${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    });
}
