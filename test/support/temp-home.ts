import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs something in a directory of its own that is gone afterwards. */
export async function inTempDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'orchestrator-cli-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** As {@link inTempDirectory}, as a home of which nobody else knows, so that no daemon of this machine is found. */
export async function inEmptyHome<T>(
  use: (env: { readonly HOME: string; readonly XDG_STATE_HOME: string }) => Promise<T>,
): Promise<T> {
  return inTempDirectory((home) => use({ HOME: home, XDG_STATE_HOME: join(home, 'state') }));
}
