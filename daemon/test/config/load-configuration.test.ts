import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '../../src/config/configuration-error.js';
import { loadConfiguration, type ConfigurationSources } from '../../src/config/load-configuration.js';

async function withFile<T>(name: string, text: string, use: (path: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'orchestrator-config-'));
  try {
    const path = join(directory, name);
    await writeFile(path, text);
    return await use(path);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function refusal(text: string, sources: Partial<ConfigurationSources> = {}, name = 'x.yaml'): Promise<string[]> {
  return withFile(name, text, async (file) => {
    try {
      await loadConfiguration({ file, env: {}, ...sources });
    } catch (error) {
      if (error instanceof ConfigurationError) return error.message.replaceAll(file, name).split('\n');
      throw error;
    }
    return [];
  });
}

describe('loadConfiguration', () => {
  it('takes a flag over the environment over the file over the default, and keeps where each came from [DAEMON-01]', async () => {
    const text = 'http:\n  port: 1\n  bodyBytes: 2048\nlog:\n  level: warn\n';
    const loaded = await withFile('x.yaml', text, async (file) => {
      const env = { ORCHESTRATOR_CONFIG: file, ORCHESTRATOR_HTTP_PORT: '2', ORCHESTRATOR_LOG_LEVEL: 'error' };
      const { config, origins } = await loadConfiguration({ env, flags: { 'http.port': '3' } });
      const keys = ['http.port', 'log.level', 'http.bodyBytes', 'http.host'];
      return {
        values: [config.http.port, config.log.level, config.http.bodyBytes, config.http.host],
        origins: keys.map((key) => origins.get(key)?.replace(file, 'x.yaml')),
      };
    });
    expect(loaded).to.deep.equal({
      values: [3, 'error', 2048, '127.0.0.1'],
      origins: ['--http-port', 'ORCHESTRATOR_LOG_LEVEL', 'x.yaml:3', 'default'],
    });
  });

  it('reads JSON as well as YAML', async () => {
    const port = await withFile('x.json', '{\n\t"http": { "port": 0 }\n}', async (file) => {
      return (await loadConfiguration({ file, env: {} })).config.http.port;
    });
    expect(port).to.equal(0);
  });

  it('names lines of JSON too, and refuses a key that is there twice', async () => {
    expect([
      await refusal('{\n  "htpp": {}\n}', {}, 'x.json'),
      await refusal('{\n  "log": { "level": "warn",\n "level": "info" }\n}', {}, 'x.json'),
    ]).to.deep.equal([['x.json:2: htpp: unknown key; did you mean http?'], ['x.json:3: Map keys must be unique']]);
  });

  it('refuses an unknown key with file, line and the nearest known one [DAEMON-02]', async () => {
    expect(await refusal('log:\n  level: info\nhttp:\n  prot: 7420\n')).to.deep.equal([
      'x.yaml:4: http.prot: unknown key; did you mean http.port?',
    ]);
  });

  it('says everything that is wrong, each with file, line, key and what was expected [DAEMON-03]', async () => {
    const text = 'http:\n  port: "7420"\n  allowedOrigins: [ftp://x]\nplugins:\n  metrics:\n    required: maybe\n';
    expect(await refusal(text)).to.deep.equal([
      'x.yaml:2: http.port: expected a whole number from 0 to 65535, found "7420"',
      'x.yaml:3: http.allowedOrigins: expected a list of at most 100 origins such as https://console.example.org, found a list',
      'x.yaml:6: plugins.metrics.required: expected true or false, found "maybe"',
    ]);
  });

  it('says what is wrong within a rule by its place, and which member was probably meant [DAEMON-03]', async () => {
    const grants = '    - { principals: [editor] }\n    - { principal: [editor], tools: [x] }\n';
    const text = `tools:\n  grants:\n${grants}  sets: { s: { tool: [x] } }\naccess:\n  forbids: [{ permision: "a:b" }]\n`;
    expect(await refusal(text)).to.deep.equal([
      'x.yaml:7: access.forbids[0].permision: unknown key; did you mean permission?',
      'x.yaml:4: tools.grants[1].principal: unknown key; did you mean principals?',
      'x.yaml:5: tools.sets.s.tools: is required',
    ]);
    expect(await refusal('tools: { forbids: [{ principals: editor }] }\n')).to.deep.equal([
      'x.yaml:1: tools.forbids[0].principals: must be array',
    ]);
    expect(await refusal('plugins: { 5: { required: maybe } }\n')).to.deep.equal([
      'x.yaml:1: plugins["5"]: expected a name like ^[a-z][a-z0-9-]{0,63}$',
    ]);
    expect(await refusal('access: { forbids: [{ permission: x }, 7] }\n')).to.deep.equal([
      'x.yaml:1: access.forbids[0].permission: expected a permission: noun:verb, noun:* or *:*',
    ]);
  });

  it('names the variable or the flag when the wrong value came from there', async () => {
    const env = { ORCHESTRATOR_LOG_LEVEL: 'loud' };
    expect(await refusal('{}', { env, flags: { 'http.port': '74x' } })).to.deep.equal([
      '--http-port: http.port: expected a whole number from 0 to 65535, found "74x"',
      'ORCHESTRATOR_LOG_LEVEL: log.level: expected one of trace, debug, info, warn, error, fatal, silent, found "loud"',
    ]);
  });

  it('warns of a variable with our prefix that it does not know', async () => {
    const { warnings } = await loadConfiguration({ env: { ORCHESTRATOR_HTTP_PRT: '1', ORCHESTRATOR_TOKEN: 'x' } });
    expect(warnings).to.deep.equal([
      'ORCHESTRATOR_HTTP_PRT is not a variable of the daemon and was ignored; did you mean ORCHESTRATOR_HTTP_PORT?',
    ]);
  });

  it('refuses a secret that is written in the file itself, without repeating it [DAEMON-04]', async () => {
    const text =
      'plugins:\n  chat:\n    config: { api: { token: hunter2 } }\nprograms:\n  a:\n    command: /bin/true\n    env:\n      API_KEY: hunter2\n';
    expect(await refusal(text)).to.deep.equal([
      'x.yaml:3: plugins.chat.config: expected a reference for api.token (file:/path, env:NAME or credential:NAME), not the secret itself, found an object',
      'x.yaml:7: programs.a.env: expected a reference for API_KEY (file:/path, env:NAME or credential:NAME), not the secret itself, found an object',
    ]);
  });

  it('refuses to listen off loopback without TLS [DAEMON-05]', async () => {
    expect(await refusal('http:\n  host: 0.0.0.0\n')).to.deep.equal([
      'x.yaml:2: http.host: 0.0.0.0 is not a loopback address: TLS is required; set http.tls.cert and http.tls.key',
    ]);
  });

  it('refuses a program whose command is not an absolute path', async () => {
    expect(await refusal('programs:\n  echo:\n    command: node\n  nothing: {}\n')).to.deep.equal([
      'x.yaml:3: programs.echo.command: expected the absolute path of an executable file, found "node"',
      'x.yaml:4: programs.nothing.command: expected the absolute path of an executable file, and it is missing',
    ]);
  });

  it('does not take __proto__ or constructor for keys', async () => {
    expect(await refusal('__proto__:\n  port: 1\nconstructor: {}\n')).to.have.lengthOf(2);
  });

  it('refuses aliases, doubled keys, an empty file and one that is not keys and values', async () => {
    const texts = ['a: &a {}\nb: *a\n', 'log: {}\nlog: {}\n', '\n', '- 1\n'];
    expect(await Promise.all(texts.map((text) => refusal(text)))).to.deep.equal([
      ['x.yaml: aliases (*name) are not allowed'],
      ['x.yaml:2: Map keys must be unique'],
      ['x.yaml: is empty; an empty configuration is written {}'],
      ['x.yaml:1: expected keys and values at the top level'],
    ]);
  });
});
