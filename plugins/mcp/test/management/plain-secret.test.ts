import { expect } from 'chai';
import { isPlainSecret, plainSecretsOf } from '../../src/management/plain-secret.js';

describe('isPlainSecret', () => {
  it('tells a secret by its name or by its look, and passes references and ordinary settings [MCP-138]', () => {
    const secrets = [
      ['GITHUB_TOKEN', 'x'],
      ['API_KEY', 'some words'],
      ['apikey', 'abc'],
      ['Authorization', 'anything'],
      ['X-Api-Key', 'abc'],
      ['DB_PASSWORD', 'hunter2'],
      ['ANY', 'ghp_0123456789abcdefghij'],
      ['ANY', 'sk-proj-abcdefgh'],
      ['ANY', 'postgres://user:pass@db/x'],
      ['ANY', 'Zx8kQ2mVb7Lp0Rt5Yw3Nc6Hd9Gf1Js4A'],
      ['ANY', '-----BEGIN RSA PRIVATE KEY-----'],
    ] as const;
    const harmless = [
      ['GITHUB_TOKEN', 'env:GITHUB_TOKEN'],
      ['API_KEY', 'file:/run/secrets/key'],
      ['API_KEY', 'credential:key'],
      ['API_KEY', ''],
      ['LOG_LEVEL', 'debug'],
      ['MAX_TOKENS', '4096'],
      ['USE_TOKEN', 'true'],
      ['KEYBOARD', 'de'],
      ['MONKEY', 'george'],
      ['WORKSPACE', '/srv/projects/one/two/three/four/five6'],
      ['ID', '01890a5d-ac96-774b-bcce-b302099a8057'],
      ['DB', 'postgres://db.example.org/x'],
    ] as const;
    expect({
      missed: secrets.filter(([name, value]) => !isPlainSecret(name, value)),
      wrong: harmless.filter(([name, value]) => isPlainSecret(name, value)),
    }).to.deep.equal({ missed: [], wrong: [] });
  });

  it('finds secrets in arguments [MCP-138]', () => {
    const args = ['-y', 'pkg@1.2.3', '--token=abc', '--api-key', 'abc', '--port', '8080', '--key', '--verbose'];
    expect(plainSecretsOf(args)).to.deep.equal([2, 4]);
  });
});
