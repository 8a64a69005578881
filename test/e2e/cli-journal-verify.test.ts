import { eventText, GENESIS, sealRecord } from '@ai-orchestrator/core/plugin';
import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { orchestrator } from '../support/command-line.js';
import { inTempDirectory } from '../support/temp-home.js';

/** A journal of three records, one a line. */
function journal(): { texts: string[]; head: string } {
  const texts: string[] = [];
  let previous = GENESIS;
  for (let sequence = 1; sequence <= 3; sequence++) {
    const draft = { action: 'agent.registered', resource: `agent/a${sequence}`, principal: 'user/ada' };
    const record = sealRecord(eventText(draft), sequence, '2026-11-22T12:00:00.000Z', 'node-1', previous);
    texts.push(record.text);
    previous = record.hash;
  }
  return { texts, head: previous };
}

describe('orchestrator journal verify', () => {
  it('says that an exported journal is valid, how long it is and where it ends [CLI-14]', async () => {
    await inTempDirectory(async (directory) => {
      const { texts, head } = journal();
      const file = join(directory, 'journal.ndjson');
      await writeFile(file, `${texts.join('\n')}\n`);
      const { code, stdout, stderr } = await orchestrator(['journal', 'verify', file, '--json']);
      expect({ code, stderr, stdout: JSON.parse(stdout) as unknown }).to.deep.equal({
        code: 0,
        stderr: '',
        stdout: { valid: true, records: 3, head: { sequence: 3, hash: head } },
      });
    });
  });

  it('names the first record that was changed, and ends with 10 [CLI-14]', async () => {
    await inTempDirectory(async (directory) => {
      const { texts } = journal();
      const file = join(directory, 'journal.ndjson');
      await writeFile(file, `${texts.join('\n').replace('agent/a2', 'agent/b2')}\n`);
      const { code, stdout, stderr } = await orchestrator(['journal', 'verify', file]);
      expect(code).to.equal(10);
      expect(stdout).to.contain('not whole').and.to.contain('record 2: hash_mismatch');
      expect(stderr).to.contain('error: The journal is not whole from record 2 on');
    });
  });

  it('ends with 7 where there is nothing to verify [CLI-14]', async () => {
    const { code, stderr } = await orchestrator(['journal', 'verify', '/nowhere/at/all']);
    expect(code).to.equal(7);
    expect(stderr).to.contain('/nowhere/at/all cannot be read');
  });
});
