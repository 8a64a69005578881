import type { ProgramLine } from './supervisor.js';

/** The last lines that a program printed, bounded in count and bytes. */
export class CapturedLines {
  readonly #lines: ProgramLine[] = [];
  #bytes = 0;
  #dropped = 0;
  /** Where the lines of the present run begin. */
  #begun = 0;

  constructor(
    private readonly linesKept: number,
    private readonly bytesKept: number,
  ) {}

  /** Lines from now on are of another run. */
  begin(): void {
    this.#begun = this.#lines.length;
  }

  add(line: ProgramLine): void {
    this.#lines.push(line);
    this.#bytes += line.line.length;
    while (this.#lines.length > this.linesKept || this.#bytes > this.bytesKept) {
      this.#bytes -= this.#lines.shift()?.line.length ?? 0;
      this.#dropped += 1;
      this.#begun = Math.max(0, this.#begun - 1);
    }
  }

  /** The last `count` lines, oldest first, and how many fell out of the bounds so far. */
  last(count: number): { readonly lines: readonly ProgramLine[]; readonly dropped: number } {
    return { lines: count <= 0 ? [] : this.#lines.slice(-count), dropped: this.#dropped };
  }

  /** The end of what its last run wrote to stderr: at most `characters` of the last `count` lines. */
  stderrOfRun(count: number, characters: number): string {
    return endOf(this.#lines.slice(this.#begun), count, characters);
  }

  /** The same, or of an earlier run where the last one wrote nothing. */
  lastStderr(count: number, characters: number): string {
    const own = this.stderrOfRun(count, characters);
    return own === '' ? endOf(this.#lines, count, characters) : own;
  }
}

function endOf(lines: readonly ProgramLine[], count: number, characters: number): string {
  return lines
    .filter(({ stream }) => stream === 'stderr')
    .slice(-count)
    .map(({ line }) => line)
    .join('\n')
    .slice(-characters);
}
