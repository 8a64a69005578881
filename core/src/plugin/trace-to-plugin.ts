import { fileURLToPath } from 'node:url';

/** Plugins by the directory of their files, or their one file, longest first, so that the innermost directory wins. */
export type PluginRoots = readonly { readonly id: string; readonly root: string }[];

const CAUSES_LOOKED_AT = 4;

/** Makes the table that frames are looked up in; plugins without a root of their own are the daemon's parts and left out. */
export function pluginRoots(
  plugins: readonly { readonly id: string; readonly root: string | undefined }[],
): PluginRoots {
  return plugins
    .flatMap(({ id, root }) => (root === undefined ? [] : [{ id, root }]))
    .sort((a, b) => b.root.length - a.root.length);
}

/** Whose file this is: a path or a `file:` URL. */
export function pluginOfFile(file: string, roots: PluginRoots): string | undefined {
  const path = file.startsWith('file:') ? fileURLToPath(file) : file;
  return roots.find(({ root }) => path === root || path.startsWith(`${root}/`))?.id;
}

/**
 * Whose error this is, by its stack and those of its causes. The outermost frame of a plugin decides: it is the one that was entered
 * from outside and let the error pass, whoever's service threw it. Reading a stack that exists costs nothing where no error is.
 */
export function pluginOfError(error: unknown, roots: PluginRoots): string | undefined {
  for (let cause = error, i = 0; cause instanceof Error && i < CAUSES_LOOKED_AT; cause = cause.cause, i += 1) {
    for (const frame of (cause.stack ?? '').split('\n').reverse()) {
      const file = /(file:\/\/\/[^\s)]+?|\/[^\s():]+?)(?::\d+){1,2}\)?$/.exec(frame)?.[1];
      const plugin = file === undefined ? undefined : pluginOfFile(file, roots);
      if (plugin !== undefined) return plugin;
    }
  }
  return undefined;
}
