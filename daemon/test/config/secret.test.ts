import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveSecret } from '../../src/config/secret.js';

async function outcome(reference: string, env: NodeJS.ProcessEnv): Promise<string> {
  return resolveSecret(reference, env).catch((error: unknown) =>
    error instanceof Error ? error.message : 'not an error',
  );
}

describe('resolveSecret', () => {
  it('reads a file, a variable or a systemd credential when asked [DAEMON-06]', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'orchestrator-secret-'));
    try {
      await writeFile(join(directory, 'openai'), 's3cret\n');
      const env = { CREDENTIALS_DIRECTORY: directory, KEY: 'k' };
      const references = [`file:${directory}/openai`, 'credential:openai', 'env:KEY'];
      expect(await Promise.all(references.map((r) => resolveSecret(r, env)))).to.deep.equal(['s3cret', 's3cret', 'k']);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('says which reference is missing what, and refuses an empty secret', async () => {
    const env = { EMPTY: '' };
    const references = ['env:NOPE', 'env:EMPTY', 'credential:x', 'hunter2'];
    expect(await Promise.all(references.map((r) => outcome(r, env)))).to.deep.equal([
      'env:NOPE: the environment has no NOPE; set it for the daemon',
      'env:EMPTY is empty: a secret has to have at least one character',
      'credential:x: there is no $CREDENTIALS_DIRECTORY; start under systemd with LoadCredential=x:PATH',
      'expected a secret reference: file:/path, env:NAME or credential:NAME',
    ]);
  });
});
