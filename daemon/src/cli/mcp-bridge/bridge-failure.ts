import { CommandFailure } from '../command-failure.js';
import { NotDelivered } from './mcp-http.js';

/** The daemon answered with an HTTP status and nothing that a client of MCP could read. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal';

  /** @param text of the body, for people; may be empty */
  constructor(
    readonly status: number,
    text: string,
  ) {
    super(`HTTP ${String(status)}${text === '' ? '' : `: ${text.slice(0, 300)}`}`);
  }
}

const ADVICE: Readonly<Record<number, string>> = {
  401: 'The daemon does not accept the key. Set ORCHESTRATOR_TOKEN to one that "orchestrator keys create" made.',
  403: 'The key may not use MCP here. Ask whoever runs the daemon for a key whose role has the permission.',
  404: 'There is no MCP at this address: is the plugin "mcp" in the configuration, and is there a tool set of this name?',
  413: 'The message is larger than the daemon takes.',
  429: 'The daemon takes no more calls for now. Try again later.',
  503: 'The daemon takes no more calls for now. Try again later.',
};

/** What a client is told when its request could not be answered: what happened, and what to do. */
export function failureText(error: unknown, url: string): string {
  if (error instanceof CommandFailure) return [error.message, error.hint].filter(Boolean).join(' ');
  if (error instanceof NotDelivered) {
    return `No daemon answers at ${url} (${error.message}). Start it with "orchestrator start" or "orchestrator dev"; the next request tries again.`;
  }
  if (error instanceof HttpRefusal) return `${ADVICE[error.status] ?? 'The daemon refused it.'} (${error.message})`;
  const said = error instanceof Error ? error.message : String(error);
  return `The connection to the daemon broke before the answer came (${said}); whether the call had an effect is not known.`;
}
