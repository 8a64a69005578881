import { StringDecoder } from 'node:string_decoder';

/** A line, or the length of one that is longer than it may be and was skipped. */
export type BoundedLine = { readonly text: string } | { readonly skipped: number };

/**
 * Lines of a stream, however it is cut into chunks; `\r\n` ends a line as `\n` does.
 *
 * @param limit length of a line in UTF-16 code units; of a longer one nothing is kept
 */
export async function* boundedLines(
  input: AsyncIterable<Buffer | string>,
  limit: number,
): AsyncGenerator<BoundedLine, void, void> {
  const decoder = new StringDecoder('utf8');
  let kept: string[] = [];
  let length = 0;
  const add = (part: string) => {
    length += part.length;
    if (length <= limit) kept.push(part);
    else kept = [];
  };
  const take = (): BoundedLine => {
    const line = length <= limit ? { text: kept.join('').replace(/\r$/, '') } : { skipped: length };
    kept = [];
    length = 0;
    return line;
  };
  for await (const chunk of input) {
    const text = typeof chunk === 'string' ? chunk : decoder.write(chunk);
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      add(text.slice(from, end));
      yield take();
      from = end + 1;
    }
    add(text.slice(from));
  }
  add(decoder.end());
  if (length > 0) yield take();
}
