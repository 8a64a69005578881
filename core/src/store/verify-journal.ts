import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { JournalChain, type ChainFault } from './journal-chain.js';

/** What reading a journal without the daemon showed: how many records, the last one, and the first that is bad. */
export interface JournalVerdict {
  readonly valid: boolean;
  readonly records: number;
  readonly head: { readonly sequence: number; readonly hash: string };
  readonly fault?: ChainFault;
}

/**
 * Checks the hash, the sequence and the link of every record.
 *
 * @param texts the exact JSON text of each record, in order
 * @param witness the last record that is known to have been written; a journal that ends before it is `short`
 * @param partial whether it may begin with another record than number 1
 */
export async function verifyRecords(
  texts: AsyncIterable<string> | Iterable<string>,
  witness?: { readonly sequence: number; readonly hash: string },
  partial = false,
): Promise<JournalVerdict> {
  const chain = new JournalChain();
  let fault: ChainFault | undefined;
  for await (const text of texts) {
    fault ??= chain.next(text, partial);
    if (fault !== undefined) break;
    if (witness?.sequence === chain.head.sequence && witness.hash !== chain.head.hash) {
      const detail = `its hash is ${chain.head.hash}; ${witness.hash} was written`;
      fault = { sequence: witness.sequence, problem: 'hash_mismatch', detail };
      break;
    }
  }
  if (fault === undefined && witness !== undefined && chain.head.sequence < witness.sequence) {
    const detail = `the journal ends with record ${chain.head.sequence}; record ${witness.sequence} was written`;
    fault = { sequence: chain.head.sequence + 1, problem: 'short', detail };
  }
  const { head, records } = chain;
  return fault === undefined ? { valid: true, records, head } : { valid: false, records, head, fault };
}

/** Checks a journal export: one record a line, as `journal.read` answers them. */
export async function verifyJournalExport(path: string): Promise<JournalVerdict> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity });
  return verifyRecords(nonEmpty(lines), undefined, true);
}

async function* nonEmpty(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) if (line.trim() !== '') yield line;
}
