import { spawn } from 'node:child_process';
import { BINARY } from './command-line.js';

/**
 * The lines of a command that follows something, which is then ended with Ctrl-C.
 *
 * @param enough whether it has printed all that is waited for
 * @param meanwhile begun once the command runs; `seen` says whether it has
 */
export async function followedLines(
  argv: readonly string[],
  enough: (lines: readonly string[]) => boolean,
  env: Readonly<Record<string, string>>,
  meanwhile: (seen: () => boolean) => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly lines: readonly string[]; readonly code: number | null; readonly stderr: string }> {
  const child = spawn(process.execPath, [BINARY, ...argv], {
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', ...env },
  });
  let stdout = '';
  let stderr = '';
  let interrupted = false;
  const lines = (): string[] => stdout.split('\n').slice(0, -1);
  const seen = (): boolean => enough(lines());
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    // A second one would end it at once.
    if (!interrupted && seen()) interrupted = child.kill('SIGINT');
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  try {
    await meanwhile(seen);
    const code = await ended;
    return { lines: lines(), code, stderr };
  } finally {
    child.kill('SIGKILL');
  }
}
