import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { OutboundAnswer, OutboundDoor } from '../outbound/outbound-door.js';

/** Longer texts of somebody else are not kept. */
const MAX_TEXT = 16_384;
const MAX_TEXTS = 100;

/** A JSON object of somebody else, read member by member and never trusted. */
export class Document {
  readonly #members: Readonly<Record<string, unknown>>;

  private constructor(members: object) {
    this.#members = members as Readonly<Record<string, unknown>>;
  }

  /** `undefined` when the text is no JSON object. */
  static parse(text: string): Document | undefined {
    try {
      const value: unknown = JSON.parse(text);
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? new Document(value) : undefined;
    } catch {
      // What is no JSON is no document; the caller says so in its own words.
      return undefined;
    }
  }

  text(name: string): string | undefined {
    const value = this.#own(name);
    return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT ? value : undefined;
  }

  texts(name: string): readonly string[] | undefined {
    const value = this.#own(name);
    if (!Array.isArray(value)) return undefined;
    return value.slice(0, MAX_TEXTS).filter((one): one is string => typeof one === 'string' && one.length <= MAX_TEXT);
  }

  number(name: string): number | undefined {
    const value = Number(this.#own(name) ?? NaN);
    return Number.isFinite(value) ? value : undefined;
  }

  flag(name: string): boolean {
    return this.#own(name) === true;
  }

  #own(name: string): unknown {
    return Object.hasOwn(this.#members, name) ? this.#members[name] : undefined;
  }
}

/**
 * Asks for a document.
 *
 * @returns undefined when there is none at this place
 * @throws OrchestratorError as {@link OutboundDoor.exchange}; `unavailable` when the server fails
 */
export async function fetchDocument(door: OutboundDoor, url: URL): Promise<Document | undefined> {
  const answer: OutboundAnswer = await door.exchange({ method: 'GET', url });
  if (answer.status >= 500) throw new OrchestratorError('unavailable', `${url.href} answered ${answer.status}`);
  return answer.status === 200 ? Document.parse(answer.text) : undefined;
}

/** An endpoint that secrets go to, or a person is sent to: with TLS, or on this machine [OAuth 2.1 §1.5]. */
export function secureUrl(text: string | undefined): URL | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const here = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && here);
  return secure && url.username === '' && url.password === '' ? url : undefined;
}
