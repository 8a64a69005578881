/** Longer headers are not looked at. */
const MAX_CHARACTERS = 8_192;
const TOKEN = /[A-Za-z0-9!#$%&'*+.^_`|~-]+/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/y;
const BETWEEN = /[\s,]*/y;
const EQUALS = /\s*=\s*/y;

/** What a server asks for in its `Bearer` challenge. */
export interface BearerChallenge {
  readonly error?: string;
  readonly scopes?: readonly string[];
  /** Where its metadata is [RFC 9728 §5.1]. */
  readonly resourceMetadata?: string;
}

/** The first `Bearer` challenge of a `WWW-Authenticate` header [RFC 9110 §11.6.1, RFC 6750 §3]; empty where there is none. */
export function bearerChallenge(header: string | undefined): BearerChallenge {
  const parameters = bearerParameters(header ?? '');
  const error = parameters.get('error');
  const scopes = parameters.has('scope') ? scopesOf(parameters.get('scope')) : undefined;
  const resourceMetadata = parameters.get('resource_metadata');
  return {
    ...(error !== undefined && { error }),
    ...(scopes !== undefined && { scopes }),
    ...(resourceMetadata !== undefined && { resourceMetadata }),
  };
}

/** The scopes of a list of them, each once [RFC 6749 §3.3]; what is none is left out. */
export function scopesOf(text: string | undefined): readonly string[] {
  const found = (text ?? '').split(' ').filter((scope) => /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/.test(scope));
  return [...new Set(found)].slice(0, 100);
}

function bearerParameters(header: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (header.length > MAX_CHARACTERS) return found;
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(header) ?? undefined;
    if (match !== undefined) at = pattern.lastIndex;
    return match;
  };
  let scheme = '';
  let bearers = 0;
  while (at < header.length) {
    take(BETWEEN);
    const name = take(TOKEN)?.[0].toLowerCase();
    if (name === undefined) {
      // Not of the grammar, or the end: passed over.
      at++;
    } else if (take(EQUALS) === undefined) {
      scheme = name;
      if (scheme === 'bearer') bearers++;
    } else {
      const value = take(QUOTED)?.[1]?.replace(/\\(.)/g, '$1') ?? take(TOKEN)?.[0];
      if (scheme === 'bearer' && bearers === 1 && value !== undefined && !found.has(name)) found.set(name, value);
    }
  }
  return found;
}
