import { ConfigurationError, loadConfiguration } from '@ai-orchestrator/daemon';
import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestDaemon } from '../support/daemon.js';

const YAML = `---
# of a test
http:
  port: 0
  allowedHosts: [orchestrator.example]
log:
  level: warn
plugins:
  metrics:
    enabled: true
...
`;
const JSON_TEXT = JSON.stringify({ http: { port: 0 }, log: { level: 'warn' } }, undefined, 2);

/** What was accepted, or refused without naming the file, of all beginnings of a text. */
async function surprises(name: string, text: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-f14-'));
  const file = join(folder, name);
  const found: string[] = [];
  try {
    for (let bytes = 0; bytes < text.trimEnd().length; bytes++) {
      await writeFile(file, text.slice(0, bytes));
      const outcome: unknown = await loadConfiguration({ file, env: {} }).catch((error: unknown) => error);
      const named =
        outcome instanceof ConfigurationError && outcome.issues.every(({ where }) => where.startsWith(file));
      if (!named) found.push(`${bytes} bytes: ${outcome instanceof Error ? outcome.message : 'accepted'}`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return found;
}

describe('F14: a configuration that is cut off', () => {
  it('is refused with file and line, wherever it was cut', async () => {
    expect([await surprises('x.yaml', YAML), await surprises('x.json', JSON_TEXT)]).to.deep.equal([[], []]);
  });

  it('leaves a running daemon with its earlier configuration [F14]', async () => {
    const daemon = await startTestDaemon({ config: { log: { level: 'info' } } });
    try {
      await writeFile(daemon.configFile, '{ "log": { "level": "error" }, "htt');
      daemon.child.kill('SIGHUP');
      const refused = await daemon.logged(({ message }) => message?.includes('refused') === true);
      const { status } = await fetch(`${daemon.httpUrl}/readyz`);
      expect({ status, named: JSON.stringify(refused.issues).includes(`${daemon.configFile}:1`) }).to.deep.equal({
        status: 200,
        named: true,
      });
    } finally {
      // Its last lines are informational: they show that the level is still the earlier one.
      expect(await daemon.stop()).to.equal(0);
      expect(daemon.logs().at(-1)?.message).to.equal('stopped');
    }
  });
});
