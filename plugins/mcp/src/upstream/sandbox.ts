import { existsSync } from 'node:fs';
import type { ServerSettings } from './server-config.js';

/** Where Debian's bubblewrap puts it. */
const BWRAP = '/usr/bin/bwrap';
/** What a program needs to run at all; read only. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/etc/alternatives', '/etc/ld.so.cache'];
/** What names and certificates are looked up in, for those with a network. */
const NETWORK = ['/etc/resolv.conf', '/etc/hosts', '/etc/nsswitch.conf', '/etc/ssl', '/etc/ca-certificates'];

/** A command and its arguments. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * The command in a sandbox of its own: it sees the system and its own file read only, the paths that its configuration names and nothing
 * else, has no network unless it may, no other processes, and dies with its parent.
 *
 * @throws Error when bubblewrap is not installed
 */
export function sandboxed(
  inner: Command,
  sandbox: NonNullable<ServerSettings['sandbox']>,
  workingDirectory: string,
): Command {
  if (!existsSync(BWRAP)) {
    throw new Error(
      `a sandbox needs bubblewrap, and there is no ${BWRAP}: install the package bubblewrap, or leave "sandbox" out`,
    );
  }
  const { network = false, read = [], write = [] } = sandbox;
  const readable = [...SYSTEM, ...(network ? NETWORK : [])];
  return {
    command: BWRAP,
    args: [
      ...['--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL'],
      ...(network ? ['--share-net'] : []),
      ...readable.flatMap((path) => ['--ro-bind-try', path, path]),
      ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
      ...['--ro-bind-try', inner.command, inner.command],
      ...read.flatMap((path) => ['--ro-bind', path, path]),
      ...write.flatMap((path) => ['--bind', path, path]),
      ...(isWithin(workingDirectory, [...readable, ...read, ...write])
        ? ['--chdir', workingDirectory]
        : ['--chdir', '/']),
      '--',
      inner.command,
      ...inner.args,
    ],
  };
}

function isWithin(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`));
}
