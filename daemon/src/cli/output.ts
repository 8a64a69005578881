import type { CommandFailure } from './command-failure.js';
import { EXIT_CODES } from '../exit-codes.js';
import { style, wantsColour, type Style } from './style.js';
import { pairs } from './pairs.js';

/** The part of a writable stream that output needs. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  /** @param taken called when it was handed on, or can never be */
  write(text: string | Uint8Array, taken?: () => void): boolean;
}

/** Where commands write: data to stdout, as text or as JSON; progress, hints and errors to stderr. */
export class Output {
  /** Whether stdout carries JSON. */
  readonly json: boolean;
  /** Colours for what goes to stdout. */
  readonly style: Style;
  /** Colours for what goes to stderr. */
  readonly noteStyle: Style;
  /** Whether somebody watches stdout. */
  readonly terminal: boolean;
  /** Columns of the terminal on stdout; undefined where there is none. */
  readonly width: number | undefined;

  constructor(
    argv: readonly string[],
    environment: Readonly<Record<string, string | undefined>>,
    private readonly stdout: OutputStream,
    private readonly stderr: OutputStream,
  ) {
    const options = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
    this.json = options.includes('--json');
    this.terminal = stdout.isTTY === true;
    this.width = this.terminal ? stdout.columns : undefined;
    this.style = style(wantsColour(options, environment, this.terminal));
    this.noteStyle = style(wantsColour(options, environment, stderr.isTTY === true));
  }

  /** One answer: the value as one JSON document with `--json`, otherwise what `text` makes of it. */
  answer(value: unknown, text: () => string): void {
    if (this.json) this.stdout.write(`${JSON.stringify(value, undefined, this.terminal ? 2 : undefined)}\n`);
    else this.line(text());
  }

  /** One entry of a stream of answers: the value as one line of JSON with `--json`, otherwise a line of text. */
  entry(value: unknown, text: () => string): void {
    if (this.json) this.stdout.write(`${JSON.stringify(value)}\n`);
    else this.line(text());
  }

  /** One line that is data already, whatever was asked for. */
  raw(line: string): void {
    this.stdout.write(`${line}\n`);
  }

  /** A part of something that is data already, and has no lines; resolves when it was taken, at the pace of whoever reads. */
  content(part: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => this.stdout.write(part, () => resolve()));
  }

  /** Draws on the terminal, each time in the place of what it drew before; of what has more lines than the terminal, the last ones. */
  picture(): (text: string) => void {
    let drawn = 0;
    return (text) => {
      const all = text.split('\n');
      const shown = all.slice(-Math.max(1, (this.stdout.rows ?? Infinity) - 1));
      const back = drawn === 0 ? '' : `\u001b[${String(drawn)}F\u001b[J`;
      this.stdout.write(`${back}${shown.join('\n')}\n`);
      drawn = shown.length;
    };
  }

  /** A JSON value for people: indented on a terminal, one line in a pipe. */
  jsonText(value: unknown): string {
    return JSON.stringify(value, undefined, this.terminal ? 2 : undefined);
  }

  /** Names and values, one pair a line. */
  pairs(entries: readonly (readonly [name: string, value: string | undefined])[]): string {
    return pairs(entries, this.style);
  }

  /** Progress or a hint; to stderr. */
  note(text: string): void {
    this.stderr.write(`${text}\n`);
  }

  /** What went wrong, what to do, and with `--json` the error object; to stderr. */
  failure(failure: CommandFailure): void {
    const exit = EXIT_CODES[failure.exit].code;
    if (this.json) {
      const { message, hint, error } = failure;
      this.note(JSON.stringify({ error: { message, hint, exit: failure.exit, exitCode: exit, ...error } }));
      return;
    }
    if (failure.exit === 'interrupted') {
      this.note(this.noteStyle.dim(failure.message));
      return;
    }
    this.note(`${this.noteStyle.red('error:')} ${failure.message}`);
    if (failure.hint !== undefined) this.note(`${this.noteStyle.cyan('hint:')}  ${failure.hint}`);
  }

  private line(text: string): void {
    if (text !== '') this.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }
}
