import { expect } from 'chai';
import { orchestrator, type CommandResult } from './command-line.js';
import { startDev, type DevDaemon } from './dev-daemon.js';
import { inEmptyHome } from './temp-home.js';

/** Runs one command line beside the daemon. */
export type Cli = (...argv: string[]) => Promise<CommandResult>;

/** A daemon with its two agents, and the command line beside it. */
export async function besideDaemon(
  use: (cli: Cli, env: Readonly<Record<string, string>>, dev: DevDaemon) => Promise<void>,
  ...argv: string[]
): Promise<void> {
  await inEmptyHome(async (env) => {
    const dev = await startDev(env, argv);
    try {
      await use((...words) => orchestrator(words, { env }), env, dev);
    } finally {
      await dev.stop();
    }
  });
}

/** The one JSON document that a command printed. */
export async function answerOf(result: Promise<CommandResult>): Promise<unknown> {
  const { code, stdout, stderr } = await result;
  expect(code, stderr).to.equal(0);
  return JSON.parse(stdout);
}

/** Exit code and error object of a command that failed. */
export async function errorOf(
  result: Promise<CommandResult>,
): Promise<{ code: number | null; stdout: string; name: unknown }> {
  const { code, stdout, stderr } = await result;
  return { code, stdout, name: (JSON.parse(stderr) as { error: { name?: unknown } }).error.name };
}
