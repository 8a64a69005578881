import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Operation } from './evidence.js';

type Unwritten = Operation extends infer O ? (O extends Operation ? Omit<O, 'at' | 'agent'> : never) : never;

/** Writes down what a client does and sees, before it goes on: a process that is killed then has left all of it. */
export class History {
  readonly #file: number;

  constructor(
    path: string,
    private readonly agent: string,
  ) {
    this.#file = openSync(path, 'a');
  }

  write(operation: Unwritten): void {
    const at = Number(process.hrtime.bigint() / 1000n);
    writeSync(this.#file, `${JSON.stringify({ at, agent: this.agent, ...operation })}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** @throws Error when a line is not whole */
export function readHistory(path: string): Operation[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Operation);
}
