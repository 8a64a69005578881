import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { orchestrator } from '../support/command-line.js';
import { inTempDirectory } from '../support/temp-home.js';

describe('orchestrator config', () => {
  it('validate says that a configuration is valid, from which file [CLI-10]', async () => {
    await inTempDirectory(async (directory) => {
      const file = join(directory, 'orchestrator.yaml');
      await writeFile(file, 'http:\n  port: 0\n');
      const text = await orchestrator(['config', 'validate', '--config', file]);
      const json = await orchestrator(['config', 'validate', '--config', file, '--json']);
      expect(text).to.deep.equal({ code: 0, stdout: `valid  ${file}, 1 value set\n`, stderr: '' });
      expect({ ...json, stdout: JSON.parse(json.stdout) as unknown }).to.deep.equal({
        code: 0,
        stdout: { valid: true, file, warnings: [] },
        stderr: '',
      });
    });
  });

  it('validate names file, line, key and the nearest key, and ends with 3 [CLI-10]', async () => {
    await inTempDirectory(async (directory) => {
      const file = join(directory, 'orchestrator.yaml');
      await writeFile(file, 'http:\n  prot: 7420\n');
      const { code, stdout, stderr } = await orchestrator(['config', 'validate', '--config', file]);
      expect({ code, stdout }).to.deep.equal({ code: 3, stdout: '' });
      expect(stderr).to.contain(`${file}:2: http.prot: unknown key; did you mean http.port?`);
    });
  });

  it('validate refuses what a required plugin cannot use, and warns of what another cannot [CLI-10]', async () => {
    await inTempDirectory(async (directory) => {
      const file = join(directory, 'orchestrator.yaml');
      const validate = async (plugin: string) => {
        await writeFile(file, `plugins:\n  ${plugin}:\n    config:\n      sevrers: {}\n`);
        return orchestrator(['config', 'validate', '--config', file]);
      };
      const [required, optional] = [await validate('storage-level'), await validate('mcp')];
      expect([required.code, optional.code]).to.deep.equal([3, 0]);
      expect(required.stderr).to.contain('plugin storage-level cannot use its configuration: config key "sevrers"');
      expect(optional.stderr).to.contain('warning: plugin mcp cannot use its configuration').and.contain('"servers"?');
    });
  });

  it('validate warns of a variable that means nothing [CLI-10]', async () => {
    const env = { ORCHESTRATOR_HTTP_PROT: '1' };
    const { code, stderr } = await orchestrator(['config', 'validate'], { env });
    expect(code).to.equal(0);
    expect(stderr).to.contain('warning: ORCHESTRATOR_HTTP_PROT').and.to.contain('ORCHESTRATOR_HTTP_PORT?');
  });

  it('show says which value holds and where it comes from [CLI-11]', async () => {
    await inTempDirectory(async (directory) => {
      const file = join(directory, 'orchestrator.yaml');
      await writeFile(file, 'http:\n  port: 1\nlog:\n  level: warn\n');
      const env = { ORCHESTRATOR_HTTP_PORT: '2' };
      const argv = ['config', 'show', '--set', '--origin', '--config', file, '--data-dir', '/srv/data', '--json'];
      const { code, stdout } = await orchestrator(argv, { env });
      expect({ code, stdout: JSON.parse(stdout) as unknown }).to.deep.equal({
        code: 0,
        stdout: {
          dataDir: { value: '/srv/data', origin: '--data-dir' },
          'http.port': { value: 2, origin: 'ORCHESTRATOR_HTTP_PORT' },
          'log.level': { value: 'warn', origin: `${file}:4` },
        },
      });
    });
  });

  it('show writes a table, without colours in a pipe [CLI-11]', async () => {
    const argv = ['config', 'show', '--set', '--origin', '--http-port', '7'];
    const { stdout } = await orchestrator(argv);
    expect(stdout).to.equal('KEY        VALUE  ORIGIN\nhttp.port  7      --http-port\n');
  });

  it('schema is a JSON Schema that knows every key [CLI-12]', async () => {
    const { code, stdout } = await orchestrator(['config', 'schema']);
    const schema = JSON.parse(stdout) as { properties: Record<string, unknown>; additionalProperties: boolean };
    expect({ code, closed: schema.additionalProperties }).to.deep.equal({ code: 0, closed: false });
    expect(schema.properties).to.include.all.keys(
      'node',
      'dataDir',
      'http',
      'log',
      'plugins',
      'programs',
      'pluginRoots',
    );
  });
});
