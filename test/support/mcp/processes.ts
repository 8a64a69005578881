import { readdir, readFile } from 'node:fs/promises';

/** Ids of all processes that have a text in their arguments. */
export async function processesWith(text: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (Number(pid) !== process.pid && line.includes(text)) found.push(Number(pid));
  }
  return found;
}
