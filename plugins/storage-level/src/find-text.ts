import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isCode } from './durable-file.js';
import { isTable } from './table-files.js';
import { tableEntries } from './table-file.js';

const WAL_BLOCK_BYTES = 32_768;
const WAL_HEADER_BYTES = 7;

/**
 * Names of the files under a directory in which a text stands, as it is: also in compressed tables of the index, and across the blocks of
 * its write-ahead log. For checking that what was erased is gone; it reads every file whole.
 *
 * @param text as it stands in JSON, that is, with its escapes
 */
export async function filesWithText(path: string, text: string): Promise<string[]> {
  const needle = Buffer.from(text);
  const found: string[] = [];
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const bytes = await contentOf(file);
    if (bytes !== undefined && has(bytes, entry.name, needle)) found.push(file);
  }
  return found.sort();
}

function has(bytes: Buffer, name: string, needle: Buffer): boolean {
  if (bytes.includes(needle)) return true;
  if (isTable(name)) {
    for (const { key, value } of tableEntries(bytes)) if (key.includes(needle) || value.includes(needle)) return true;
  }
  return name.endsWith('.log') && withoutHeaders(bytes).includes(needle);
}

/** LevelDB's log without the headers of its records, which a long record has in its midst. */
function withoutHeaders(log: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let block = 0; block < log.length; block += WAL_BLOCK_BYTES) {
    const end = Math.min(block + WAL_BLOCK_BYTES, log.length);
    for (let at = block; at + WAL_HEADER_BYTES <= end;) {
      const from = at + WAL_HEADER_BYTES;
      at = from + log.readUInt16LE(at + 4);
      parts.push(log.subarray(from, Math.min(at, end)));
    }
  }
  return Buffer.concat(parts);
}

/** Undefined when the file went away meanwhile. */
async function contentOf(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
