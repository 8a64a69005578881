import type { ProgramLine } from './supervisor.js';

/** The last lines that a program printed, bounded in count and bytes. */
export class CapturedLines {
  readonly #lines: ProgramLine[] = [];
  #bytes = 0;
  #dropped = 0;

  constructor(
    private readonly linesKept: number,
    private readonly bytesKept: number,
  ) {}

  add(line: ProgramLine): void {
    this.#lines.push(line);
    this.#bytes += line.line.length;
    while (this.#lines.length > this.linesKept || this.#bytes > this.bytesKept) {
      this.#bytes -= this.#lines.shift()?.line.length ?? 0;
      this.#dropped += 1;
    }
  }

  /** The last `count` lines, oldest first, and how many fell out of the bounds so far. */
  last(count: number): { readonly lines: readonly ProgramLine[]; readonly dropped: number } {
    return { lines: count <= 0 ? [] : this.#lines.slice(-count), dropped: this.#dropped };
  }

  /** The end of what it wrote to stderr, at most `characters` of the last `count` lines. */
  stderrTail(count: number, characters: number): string {
    const errors = this.#lines.filter(({ stream }) => stream === 'stderr').slice(-count);
    return errors
      .map(({ line }) => line)
      .join('\n')
      .slice(-characters);
  }
}
