import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PACKAGES: Readonly<Record<string, string>> = {
  'mkfs.ext4': 'e2fsprogs',
  xfs_io: 'xfsprogs',
  losetup: 'mount',
  'fiu-ls': 'fiu-utils',
  ip: 'iproute2',
};

/** Runs a tool of the system; a missing one fails the test with what to install. */
export async function tool(command: string, ...args: string[]): Promise<string> {
  try {
    return (await run(command, args)).stdout.trim();
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const advice = missing
      ? `install ${PACKAGES[command] ?? command}`
      : 'fault tests mount file systems and make networks, run them as root';
    throw new Error(`this fault test needs ${command} ${args.join(' ')}: ${advice}`, { cause: error });
  }
}
