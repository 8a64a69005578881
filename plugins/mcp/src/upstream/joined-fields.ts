type Fields = Readonly<Record<string, string>>;

/** Header fields that are put together of parts. The latest are kept, for nearly all requests to a server have the same. */
export class JoinedFields {
  #parts: readonly Fields[] = [];
  #joined: Fields = {};

  /** @param parts of which the later ones win; none is changed once it was given */
  of(...parts: readonly Fields[]): Fields {
    if (!isSame(parts, this.#parts)) {
      this.#parts = parts;
      this.#joined = Object.assign({}, ...parts) as Fields;
    }
    return this.#joined;
  }
}

function isSame(some: readonly Fields[], others: readonly Fields[]): boolean {
  if (some.length !== others.length) return false;
  for (let i = 0; i < some.length; i++) if (some[i] !== others[i]) return false;
  return true;
}
