import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isCode } from './durable-file.js';
import { isTable } from './table-files.js';
import { tableEntries } from './table-file.js';

const WAL_BLOCK_BYTES = 32_768;
const WAL_HEADER_BYTES = 7;
/** Between two entries, so that no text is made of both. */
const GAP = Buffer.alloc(1);

/**
 * Names of the files under a directory in which a text stands, as it is: also in compressed tables of the index, and across the blocks of
 * its write-ahead log. For checking that what was erased is gone; it reads every file whole.
 *
 * @param text as it stands in JSON, that is, with its escapes
 */
export async function filesWithText(path: string, text: string): Promise<string[]> {
  return (await filesWithTexts(path, [text])).get(text) ?? [];
}

/** The same for several texts, each file read once; without those that stand in none. */
export async function filesWithTexts(path: string, texts: readonly string[]): Promise<Map<string, string[]>> {
  const needles = new Map(texts.map((text) => [text, Buffer.from(text)]));
  const found = new Map<string, string[]>();
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const bytes = await contentOf(file);
    if (bytes === undefined) continue;
    const parts = readable(bytes, entry.name);
    for (const [text, needle] of needles) {
      if (parts.some((part) => part.includes(needle))) found.set(text, [...(found.get(text) ?? []), file].sort());
    }
  }
  return found;
}

/** A file as it is, and as whoever opens it reads it. */
function readable(bytes: Buffer, name: string): Buffer[] {
  if (isTable(name))
    return [bytes, Buffer.concat([...tableEntries(bytes)].flatMap((each) => [each.key, GAP, each.value, GAP]))];
  return name.endsWith('.log') ? [bytes, withoutHeaders(bytes)] : [bytes];
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
