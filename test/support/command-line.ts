import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The binary that users run. */
export const BINARY = fileURLToPath(new URL('../../../daemon/bin/orchestrator.js', import.meta.url));

/** How a command line ended and what it wrote. */
export interface CommandResult {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command line is given besides its arguments. */
export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly cwd?: string;
}

/** Runs `orchestrator` with arguments, in an environment that has nothing of ours but what is given. */
export async function orchestrator(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return run(process.execPath, [BINARY, ...argv], options);
}

/** Runs a program to its end. */
export async function run(
  program: string,
  argv: readonly string[],
  { env = {}, input, cwd }: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawn(program, argv, {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LANG: 'C.UTF-8', ...env },
    stdio: 'pipe',
  });
  const written = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text));
  // A command that ends without reading what it was given is judged by its exit code.
  child.stdin.on('error', () => child.stdin.destroy());
  child.stdin.end(input ?? '');
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, ...written };
}
