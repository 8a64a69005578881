import { readdir, readFile } from 'node:fs/promises';

/** Environment variable that tells which daemon, and which run of a program, a process belongs to; children inherit it. */
export const RUN_VARIABLE = 'ORCHESTRATOR_RUN';

/** Sends a signal to every process of a group; false when there is none. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Whether a group has a process that is not only waiting to be reaped; init may be slow at that, or absent in a container. */
export async function isGroupAlive(group: number): Promise<boolean> {
  if (!signalGroup(group, 0)) return false;
  if (process.platform !== 'linux') return true;
  const living = await Promise.all(
    (await processIds()).map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(gone);
      // After the name, which may hold anything in its parentheses: state, parent, group [proc(5)].
      const [state, , inGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(inGroup) === group && state !== 'Z' && state !== 'X';
    }),
  );
  return living.includes(true);
}

/** Kills whatever carries this mark in its environment, also when it left its group; answers whether there was anything. */
export async function killMarked(mark: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const wanted = `${RUN_VARIABLE}=${mark}`;
  const killed = await Promise.all(
    (await processIds()).map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(gone);
      return environment.split('\0').includes(wanted) && kill(pid);
    }),
  );
  return killed.includes(true);
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

async function processIds(): Promise<readonly number[]> {
  return (await readdir('/proc')).map(Number).filter((pid) => Number.isInteger(pid));
}

/** A process that ended while the table was read, or that is not ours to look into, counts as empty. */
function gone(): string {
  return '';
}
