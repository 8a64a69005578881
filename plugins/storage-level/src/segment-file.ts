import { constants } from 'node:fs';
import { open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

const NAME = /^(\d{12})\.log$/;
const ZEROS = Buffer.alloc(1024 * 1024);

/** The path of a segment. */
export function segmentPath(directory: string, number: number): string {
  return join(directory, `${String(number).padStart(12, '0')}.log`);
}

/** Numbers of the segments in a directory, rising. */
export async function segmentNumbers(directory: string): Promise<number[]> {
  const names = await readdir(directory);
  return names
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * Makes a segment full of zeros, durable before it gets its name, so that a later write into it changes no metadata: one sync of data is
 * then all that a commit costs. Nothing is left behind when it fails.
 */
export async function prepareSegment(directory: string, number: number, bytes: number): Promise<void> {
  const path = segmentPath(directory, number);
  const draft = `${path}.new`;
  try {
    const file = await open(draft, 'w', 0o600);
    try {
      for (let at = 0; at < bytes; at += ZEROS.length) await writeAll(file, ZEROS.subarray(0, bytes - at), at);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    await syncDirectory(directory);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Opens a segment for writing; a write returns once its data is durable. */
export function openForAppend(path: string): Promise<FileHandle> {
  return open(path, constants.O_WRONLY | constants.O_DSYNC);
}

/** Writes all of it, also when the system takes it in parts. */
export async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}

/** Makes names in a directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
