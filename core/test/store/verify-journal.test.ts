import { expect } from 'chai';
import { eventText, GENESIS, sealRecord, verifyJournalExport, verifyRecords } from '@ai-orchestrator/core/plugin';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function journal(records: number): { texts: string[]; head: { sequence: number; hash: string } } {
  const texts: string[] = [];
  let head = { sequence: 0, hash: GENESIS };
  for (let n = 1; n <= records; n++) {
    const draft = { action: 'test.happened', resource: `test/${n}`, principal: 'tester', details: { n } };
    const { sequence, hash, text } = sealRecord(eventText(draft), n, '2026-01-01T00:00:00.000Z', 'node', head.hash);
    texts.push(text);
    head = { sequence, hash };
  }
  return { texts, head };
}

describe('verifyRecords', () => {
  it('finds a whole chain valid', async () => {
    const { texts, head } = journal(5);
    expect(await verifyRecords(texts, head)).to.deep.equal({ valid: true, records: 5, head });
  });

  for (const { what, change, fault } of [
    {
      what: 'a changed record',
      change: (t: string[]) => t.with(2, t[2]?.replace('"n":3', '"n":4') ?? ''),
      fault: { sequence: 3, problem: 'hash_mismatch' },
    },
    { what: 'a missing record', change: (t: string[]) => t.toSpliced(2, 1), fault: { sequence: 3, problem: 'gap' } },
    { what: 'a cut tail', change: (t: string[]) => t.slice(0, 3), fault: { sequence: 4, problem: 'short' } },
    {
      what: 'two swapped records',
      change: (t: string[]) => [...t.slice(0, 2), ...t.slice(2, 4).reverse(), ...t.slice(4)],
      fault: { sequence: 3, problem: 'gap' },
    },
    {
      what: 'a record that was sealed anew',
      change: (t: string[]) => {
        const draft = { action: 'forged', resource: 'x', principal: 'y' };
        return t.with(2, sealRecord(eventText(draft), 3, '2026-01-01T00:00:00.000Z', 'node', '1'.repeat(64)).text);
      },
      fault: { sequence: 3, problem: 'broken_link' },
    },
    {
      what: 'what is no record',
      change: (t: string[]) => t.with(1, '{"half":'),
      fault: { sequence: 2, problem: 'unreadable' },
    },
  ]) {
    it(`names the first bad record of ${what} [STORE-08]`, async () => {
      const { texts, head } = journal(5);
      const verdict = await verifyRecords(change(texts), head);
      expect(verdict.valid).to.equal(false);
      expect(verdict.fault).to.deep.include(fault);
    });
  }

  it('reads an export that begins in the middle', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'journal-'));
    try {
      const { texts, head } = journal(5);
      const path = join(directory, 'export.ndjson');
      await writeFile(path, `${texts.slice(2).join('\n')}\n`);
      expect(await verifyJournalExport(path)).to.deep.equal({ valid: true, records: 3, head });
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
