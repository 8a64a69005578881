import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { allowedPath } from './allowed-path.js';
import type { PluginEntry } from './entry.js';
import { shapeProblems } from './plugin-shape.js';
import type { AnyPlugin } from './plugin.js';

/** Where one plugin comes from, as the configuration says: a package by its name, or a path in an allow-listed root. */
export interface PluginSource {
  /** Its name in the configuration, for messages until its own id is known. */
  readonly name: string;
  readonly from: { readonly package: string } | { readonly path: string };
  readonly config?: unknown;
  /** False unless said. */
  readonly required?: boolean;
}

/** How sources are found. */
export interface LoadOptions {
  readonly sources: readonly PluginSource[];
  /** Allow-listed directories; each of their sub-folders that has a package.json is a plugin too, unless a source names it. */
  readonly roots: readonly string[];
  /** Configurations of plugins that were found in roots, by plugin id. */
  readonly configs?: ReadonlyMap<string, unknown>;
  /** Where packages are looked up from: `(name) => import.meta.resolve(name)` of the program. */
  readonly resolve: (packageName: string) => string;
}

const PACKAGE = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*(?:\/[a-zA-Z0-9._~-]+)*$/;
const FOLDERS_PER_ROOT = 256;

/** Loads every plugin of the configuration, in its order, then those found in the roots, by name; a failure is an entry too. */
export async function loadPlugins(options: LoadOptions): Promise<readonly PluginEntry[]> {
  const entries: PluginEntry[] = [];
  const named = new Set<string>();
  for (const source of options.sources) {
    entries.push(
      await entryOf(source, options.roots, async () => {
        const file =
          'package' in source.from
            ? packageFile(source.from.package, options)
            : await pathFile(source.from.path, options);
        named.add(await folderOf(file, options.roots));
        return file;
      }),
    );
  }
  for (const folder of await foldersOf(options.roots)) {
    if (named.has(await real(folder))) continue;
    const entry = await entryOf({ name: folder, from: { path: folder } }, options.roots, () =>
      pathFile(folder, options),
    );
    const config = 'plugin' in entry ? options.configs?.get(entry.plugin.id) : undefined;
    entries.push(config === undefined ? entry : { ...entry, config });
  }
  return entries;
}

async function entryOf(
  source: PluginSource,
  roots: readonly string[],
  find: () => Promise<string>,
): Promise<PluginEntry> {
  const required = source.required ?? false;
  try {
    const file = await find();
    const { default: plugin } = (await import(pathToFileURL(file).href)) as { default?: unknown };
    const problems = plugin === undefined ? ['it has no default export'] : shapeProblems(plugin);
    if (problems.length > 0) throw new TypeError(`${file} is not a plugin: ${problems.join('; ')}`);
    const root = await folderOf(file, roots);
    return { plugin: plugin as AnyPlugin, config: source.config, required, root };
  } catch (cause) {
    return { id: source.name, required, unloadable: `cannot be loaded: ${reason(cause)}`, cause };
  }
}

function packageFile(name: string, options: LoadOptions): string {
  if (!PACKAGE.test(name)) throw new TypeError(`"${name}" is not the name of a package; for a file, say "path"`);
  return fileURLToPath(options.resolve(name));
}

/** The entry file of a plugin that is a file, or a folder with a package.json. */
async function pathFile(path: string, { roots }: LoadOptions): Promise<string> {
  const real = await allowedPath(path, roots);
  if (!(await stat(real)).isDirectory()) return real;
  const manifest = JSON.parse(await readFile(join(real, 'package.json'), 'utf8')) as Record<string, unknown>;
  return allowedPath(join(real, mainOf(manifest)), roots);
}

/** The file that `import` would take: `exports`, else `main`, else index.js [Node.js packages, "Package entry points"]. */
function mainOf(manifest: Record<string, unknown>): string {
  let target: unknown = manifest.exports ?? manifest.main ?? 'index.js';
  for (let i = 0; i < 4 && typeof target === 'object' && target !== null; i += 1) {
    const conditions = target as Record<string, unknown>;
    target = conditions['.'] ?? conditions.node ?? conditions.import ?? conditions.default;
  }
  if (typeof target !== 'string')
    throw new TypeError('its package.json has neither "exports" nor "main" that names a file');
  return target;
}

/** What holds a plugin's files: the nearest folder up with a package.json, below the roots; else the file is all of it. */
async function folderOf(file: string, roots: readonly string[]): Promise<string> {
  const ends = await Promise.all(roots.map(real));
  for (let folder = dirname(file); folder !== dirname(folder) && !ends.includes(folder); folder = dirname(folder)) {
    if (await isFile(join(folder, 'package.json'))) return folder;
  }
  return file;
}

function real(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

async function foldersOf(roots: readonly string[]): Promise<readonly string[]> {
  const folders: string[] = [];
  for (const root of roots) {
    const names = await readdir(root).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    });
    for (const name of names.sort().slice(0, FOLDERS_PER_ROOT)) {
      const folder = join(root, name);
      if (name !== 'node_modules' && !name.startsWith('.') && (await isFile(join(folder, 'package.json'))))
        folders.push(folder);
    }
  }
  return folders;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

function reason(cause: unknown): string {
  const error = cause as NodeJS.ErrnoException;
  if (error.code === 'ERR_MODULE_NOT_FOUND')
    return `${error.message}: run "npm install" where the plugin is, or install its package`;
  return error instanceof Error ? error.message : String(cause);
}
