import { existsSync, readFileSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a plugin needs to build, test and run: its name there, and what to look for here. */
const NEEDED = [
  { name: '@ai-orchestrator/core', entry: '@ai-orchestrator/core/plugin' },
  { name: '@ai-orchestrator/protocol', entry: '@ai-orchestrator/protocol' },
  { name: '@types/node', entry: '@types/node/package.json' },
  // The compiler goes by an alias in our own workspace, where its usual name is its predecessor's.
  { name: 'typescript', entry: '@typescript/native/package.json' },
] as const;

/**
 * Links the packages that a plugin needs into its node_modules from where this program has them, so that it builds and runs without a
 * download, against the very version of the contract that will load it.
 *
 * @returns names of packages that are not here: the compiler, when this program was installed without it
 */
export async function linkDependencies(directory: string): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const { name, entry } of NEEDED) {
    const found = packageDirectory(entry);
    if (found === undefined) {
      missing.push(name);
      continue;
    }
    const link = join(directory, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(found, link, 'dir');
  }
  if (!missing.includes('typescript')) {
    await mkdir(join(directory, 'node_modules', '.bin'), { recursive: true });
    await symlink('../typescript/bin/tsc', join(directory, 'node_modules', '.bin', 'tsc'));
  }
  return missing;
}

function packageDirectory(entry: string): string | undefined {
  let directory: string;
  try {
    directory = dirname(
      entry.endsWith('.json')
        ? createRequire(import.meta.url).resolve(entry)
        : fileURLToPath(import.meta.resolve(entry)),
    );
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      (error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_MODULE_NOT_FOUND')
    ) {
      return undefined;
    }
    throw error;
  }
  // Up from the entry file to the package; folders of output can have a package.json without a name.
  while (directory !== dirname(directory) && !isPackage(directory)) directory = dirname(directory);
  return directory;
}

function isPackage(directory: string): boolean {
  const file = join(directory, 'package.json');
  return existsSync(file) && 'name' in (JSON.parse(readFileSync(file, 'utf8')) as object);
}
