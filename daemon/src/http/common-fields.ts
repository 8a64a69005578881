import type { CommonFields } from './plain-response.js';

/** What every answer has: the date, to the second [RFC 9110 §6.6.1], and fields that do not change. */
export class DatedFields implements CommonFields {
  readonly keepAlive: string;
  readonly #names: ReadonlySet<string>;
  #text = '';
  #second = NaN;

  /** @param fields by lower-case name; @param idleMs how long a connection is kept without a request */
  constructor(
    private readonly fields: Readonly<Record<string, string>>,
    idleMs: number,
  ) {
    this.keepAlive = `connection: keep-alive\r\nkeep-alive: timeout=${Math.floor(idleMs / 1000)}\r\n`;
    this.#names = new Set(['date', ...Object.keys(fields)]);
  }

  get text(): string {
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = this.without(new Set());
    }
    return this.#text;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  without(names: ReadonlySet<string>): string {
    return Object.entries({ date: new Date().toUTCString(), ...this.fields })
      .filter(([name]) => !names.has(name))
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');
  }
}
