/** The names that a new plugin gets from its own. */
export interface PluginNames {
  /** kebab-case id: `word-count`. */
  readonly id: string;
  /** First part of its methods, events and permissions: `wordCount`. */
  readonly noun: string;
  /** In running text: `Word count`. */
  readonly title: string;
  /** npm package name: `orchestrator-plugin-word-count`. */
  readonly packageName: string;
}

/** What a plugin's id looks like, and how long it is at most. */
const ID = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const ID_LENGTH = 48;

/** The names of a new plugin; `undefined` when its id is not kebab-case of at most 48 characters. */
export function pluginNames(id: string): PluginNames | undefined {
  if (id.length > ID_LENGTH || !ID.test(id)) return undefined;
  const words = id.replaceAll('-', ' ');
  return {
    id,
    noun: id.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
    title: words.charAt(0).toUpperCase() + words.slice(1),
    packageName: `orchestrator-plugin-${id}`,
  };
}
