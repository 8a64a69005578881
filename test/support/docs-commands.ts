import { inDocumentation } from './docs-pages.js';

/** One command of the documentation, and where it stands. */
export interface DocsCommand {
  /** `README.md:12` */
  readonly where: string;
  readonly line: string;
}

/**
 * What the blocks of a page with one of these tags, `sh` unless said, tell a reader to type: one command a line, `\` goes on, `#` is a
 * comment. Blocks tagged `text` need more than a daemon that was just started.
 */
export function commandsOf(page: string, path: string, tags: readonly string[] = ['sh']): readonly DocsCommand[] {
  const commands: DocsCommand[] = [];
  let inside = false;
  let begun: { where: string; line: string } | undefined;
  for (const [i, text] of page.split('\n').entries()) {
    if (/^\s*```/.test(text)) {
      inside = !inside && tags.includes(text.trim().slice('```'.length));
      begun = undefined;
      continue;
    }
    const line = text.trim();
    if (!inside || line === '' || line.startsWith('#')) continue;
    const whole = begun === undefined ? { where: `${path}:${i + 1}`, line } : { ...begun, line: begun.line + line };
    begun = whole.line.endsWith('\\') ? { ...whole, line: whole.line.slice(0, -1) } : undefined;
    if (begun === undefined) commands.push(whole);
  }
  return commands;
}

/** The commands, in order, of the documentation. */
export async function documentedCommands(root: string): Promise<readonly DocsCommand[]> {
  return inDocumentation(root, (page, path) => commandsOf(page, path));
}

/** A block of the documentation that is tagged `yaml`, and where it stands. */
export interface DocsYaml {
  readonly where: string;
  readonly text: string;
}

/** The blocks of YAML, in order, of the documentation. */
export async function documentedYaml(root: string): Promise<readonly DocsYaml[]> {
  return inDocumentation(root, (page, path) =>
    [...page.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(({ index, 1: text = '' }) => ({
      where: `${path}:${page.slice(0, index).split('\n').length}`,
      text,
    })),
  );
}
