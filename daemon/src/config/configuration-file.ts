import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import { ConfigurationError } from './configuration-error.js';

/** A configuration file that was read: its value, and where in it a key stands. */
export interface ConfigurationFile {
  readonly path: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** `path:line` of a key, or of the nearest parent that is written. */
  where(key: readonly string[]): string;
}

/** Files past this size are refused before they are parsed. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads YAML or JSON (which is YAML). A file that was cut off is refused: JSON by its braces, YAML by a missing end of its last line,
 * and, when it opens with `---`, by a missing `...` at its end, so that a cut between two lines shows too.
 *
 * @throws ConfigurationError naming the file and the line
 */
export async function readConfigurationFile(path: string): Promise<ConfigurationFile> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch (cause) {
    throw problem(path, `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  return parseConfiguration(path, text);
}

/** The same for a text that is at hand. */
export function parseConfiguration(path: string, text: string): ConfigurationFile {
  if (text.length > MAX_BYTES) throw problem(path, `has more than ${String(MAX_BYTES)} bytes`);
  if (text.trim() === '') throw problem(path, 'is empty; an empty configuration is written {}');
  const value = plainJson(text);
  if (value === undefined) return parseYaml(path, text);
  // Where a key stands is rarely asked, and YAML takes longer to load than the daemon's whole configuration to read.
  let lines: ConfigurationFile | undefined;
  return { path, value, where: (key) => (lines ??= parseYaml(path, text)).where(key) };
}

/** The value of a text that is one JSON object without a key that is there twice; `undefined` is for YAML to read, or to refuse. */
function plainJson(text: string): Readonly<Record<string, unknown>> | undefined {
  let members = 0;
  try {
    const value: unknown = JSON.parse(text, function (this: unknown, key: string, member: unknown) {
      if (key !== '' && !Array.isArray(this)) members++;
      return member;
    });
    let written = 0;
    for (const [, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)) if (colon !== undefined) written++;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject && written === members ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Not JSON; YAML says what is wrong with it, if anything is.
    return undefined;
  }
}

function parseYaml(path: string, text: string): ConfigurationFile {
  const { LineCounter, isMap, isNode, parseDocument } = createRequire(import.meta.url)('yaml') as typeof Yaml;
  const lines = new LineCounter();
  // Aliases can multiply a small file into a large value, so there are none.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true, uniqueKeys: true });
  const lineAt = (offset: number) => `${path}:${String(lines.linePos(offset).line)}`;

  const [first] = document.errors;
  if (first !== undefined) throw problem(lineAt(first.pos[0]), firstLine(first.message), first);
  const lastLine = lineAt(Math.max(0, text.trimEnd().length - 1));
  if (!isMap(document.contents)) throw problem(lastLine, 'expected keys and values at the top level');
  const flow = document.contents.flow === true;
  if (!flow && !text.endsWith('\n')) throw problem(lastLine, 'the last line has no end: the file was probably cut off');
  if (/^---\s/.test(text) && !/\n\.\.\.\s*$/.test(text)) {
    throw problem(lastLine, 'a file that begins with --- has to end with ... : it was probably cut off');
  }

  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw problem(path, 'aliases (*name) are not allowed', cause);
  }
  return {
    path,
    value: value as Readonly<Record<string, unknown>>,
    where(key) {
      for (let depth = key.length; depth > 0; depth--) {
        const pair = keyOffset(key.slice(0, depth));
        if (pair !== undefined) return lineAt(pair);
      }
      return path;
    },
  };

  /** Where a key itself is written; its value may begin on a later line. */
  function keyOffset(key: readonly string[]): number | undefined {
    const parent = key.length === 1 ? document.contents : document.getIn(key.slice(0, -1), true);
    if (!isMap(parent)) return undefined;
    const pair = parent.items.find((item) => isNode(item.key) && String(item.key) === key.at(-1));
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}

function problem(where: string, text: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError([{ where, key: '', text }], { cause });
}
