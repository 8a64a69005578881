import type { ArtifactContent } from './assigned-task.js';

/** One chunk, as it is sent. */
export interface Chunk {
  readonly encoding: 'json' | 'text' | 'base64';
  readonly data: unknown;
  readonly last: boolean;
}

/** Splits content into chunks, the last of them marked; at least one. @param size characters of text, or bytes, of a chunk at most */
export async function* artifactChunks(content: ArtifactContent, size: number): AsyncGenerator<Chunk, void, void> {
  if (typeof content === 'object' && content !== null && Symbol.asyncIterator in content) {
    yield* chunksOf(content as AsyncIterable<string | Uint8Array>, size);
  } else if (typeof content === 'string' || content instanceof Uint8Array) yield* chunksOf(only(content), size);
  else yield { encoding: 'json', data: content, last: true };
}

async function* only<T>(value: T): AsyncGenerator<T, void, void> {
  yield await Promise.resolve(value);
}

async function* chunksOf(pieces: AsyncIterable<string | Uint8Array>, size: number): AsyncGenerator<Chunk, void, void> {
  let held: string | Uint8Array | undefined;
  for await (const piece of pieces) {
    for (let from = 0; from < piece.length;) {
      if (held !== undefined) yield chunk(held, false);
      const to = endOf(piece, from, size);
      held = piece.slice(from, to);
      from = to;
    }
  }
  yield chunk(held ?? '', true);
}

/** A character past U+FFFF is not cut in two. */
function endOf(piece: string | Uint8Array, from: number, size: number): number {
  const to = Math.min(from + size, piece.length);
  const cutsPair = typeof piece === 'string' && to < piece.length && /[\ud800-\udbff]/.test(piece[to - 1] ?? '');
  return cutsPair ? to - 1 : to;
}

function chunk(piece: string | Uint8Array, last: boolean): Chunk {
  if (typeof piece === 'string') return { encoding: 'text', data: piece, last };
  return { encoding: 'base64', data: toBase64(piece), last };
}

/** Bytes as base64; browsers and Node share no shorter way. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  // In pieces, because a call takes no unlimited number of arguments.
  for (let i = 0; i < bytes.length; i += 8_192) text += String.fromCharCode(...bytes.subarray(i, i + 8_192));
  return btoa(text);
}

/** The bytes that base64 stands for. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
