/** One event of a stream. */
export interface StreamEvent {
  readonly type: string;
  readonly data: string;
}

/** Ids that a header can hold; from any other one could not go on, and the one before is kept, as for one with a NUL. */
const ID = /^[\t\x20-\x7e\xa0-\xff]{0,1024}$/;

/** Reads server-sent events [WHATWG HTML, event stream interpretation], one bounded event at a time. */
export class EventStreamReader {
  /** Of the last event that had one; where to go on from. */
  lastEventId: string | undefined;
  /** How long to wait before going on, when the server said. */
  retryMs: number | undefined;
  readonly #decoder = new TextDecoder();
  #rest = '';
  #data: string[] = [];
  #bytes = 0;
  #type = '';
  #id: string | undefined;

  /** @param maxBytes of one event */
  constructor(
    private readonly maxBytes: number,
    private readonly event: (event: StreamEvent) => void,
  ) {}

  /** @returns false when an event is too long; nothing more must be given to it then */
  take(chunk: Uint8Array): boolean {
    // What was there already has no line end.
    const before = this.#rest.length;
    this.#rest += this.#decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = this.#rest.indexOf('\n', before); end !== -1; end = this.#rest.indexOf('\n', start)) {
      this.#line(this.#rest.slice(start, this.#rest[end - 1] === '\r' ? end - 1 : end));
      start = end + 1;
    }
    if (start > 0) this.#rest = this.#rest.slice(start);
    return this.#bytes + this.#rest.length <= this.maxBytes;
  }

  #line(line: string): void {
    if (line === '') {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') {
      this.#data.push(value);
      this.#bytes += value.length + 1;
    } else if (field === 'event') this.#type = value;
    else if (field === 'id' && ID.test(value)) this.#id = value;
    else if (field === 'retry' && /^\d{1,9}$/.test(value)) this.retryMs = Number(value);
  }

  #dispatch(): void {
    if (this.#id !== undefined) this.lastEventId = this.#id;
    const data = this.#data.join('\n');
    const type = this.#type;
    this.#data = [];
    this.#bytes = 0;
    this.#type = '';
    // An event without data only says where to go on from.
    if (data !== '') this.event({ type: type === '' ? 'message' : type, data });
  }
}
