import { spawn } from 'node:child_process';
import { BINARY } from './command-line.js';

/**
 * The first lines of a command that follows something, which is then ended with Ctrl-C.
 *
 * @param meanwhile begun once the command runs; `seen` says whether it has printed enough
 */
export async function followedLines(
  argv: readonly string[],
  count: number,
  env: Readonly<Record<string, string>>,
  meanwhile: (seen: () => boolean) => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly lines: readonly string[]; readonly code: number | null; readonly stderr: string }> {
  const child = spawn(process.execPath, [BINARY, ...argv], {
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', ...env },
  });
  let stdout = '';
  let stderr = '';
  const enough = (): boolean => stdout.split('\n').length > count;
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (enough()) child.kill('SIGINT');
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  try {
    await meanwhile(enough);
    const code = await ended;
    return { lines: stdout.trimEnd().split('\n').slice(0, count), code, stderr };
  } finally {
    child.kill('SIGKILL');
  }
}
