import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ErrorName } from '../src/index.js';

/** One file of `examples/<method>/`: a call and what came back. */
export interface Example {
  readonly method: string;
  /** The file's name without its extension. */
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data: { readonly name: ErrorName } };
}

/** Reads every example under a directory, in order of method and name. */
export async function readExamples(directory: string): Promise<Example[]> {
  const files = (await readdir(directory, { recursive: true })).filter((file) => file.endsWith('.json')).sort();
  return Promise.all(
    files.map(async (file) => {
      const [method = '', name = ''] = file.replace(/\.json$/, '').split('/');
      const content = JSON.parse(await readFile(join(directory, file), 'utf8')) as Omit<Example, 'method' | 'name'>;
      return { ...content, method, name };
    }),
  );
}
