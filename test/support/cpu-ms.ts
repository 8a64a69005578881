import { readFile } from 'node:fs/promises';

/** Milliseconds that a process has computed, in ticks of 10. */
export async function cpuMs(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  // utime and stime, in ticks of 10 ms [proc_pid_stat(5)].
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
