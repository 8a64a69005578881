import type { ErrorData, ErrorName } from '@ai-orchestrator/protocol';
import type { ExitCodeName } from '../exit-codes.js';
import { CommandFailure } from './command-failure.js';
import { printable } from './printable.js';
import { NOT_FOUND_HINTS, REFUSAL_HINTS } from './refusal-hints.js';

/** Errors of the protocol that have an exit code of their own; others are `unavailable` where a retry can help, else `refused`. */
const EXITS: Partial<Record<ErrorName, ExitCodeName>> = {
  unauthenticated: 'unauthenticated',
  permission_denied: 'permission_denied',
  not_found: 'not_found',
  agent_not_found: 'not_found',
  task_not_found: 'not_found',
  method_not_found: 'not_found',
};

/** An OrchestratorError, of whichever copy of its class. */
interface AnsweredError extends Error {
  readonly code: number;
  readonly data: ErrorData;
}

/** What a command says when the client of a daemon at `url` throws. */
export function clientFailure(error: unknown, url: string): unknown {
  if (!(error instanceof Error)) return error;
  // By name: the client is loaded only by commands that connect.
  if (error.name === 'OrchestratorError') return refusal(error as AnsweredError);
  if (error.name !== 'ConnectionError') return error;
  const { reason } = error as Error & { readonly reason: string };
  if (reason === 'connect_failed') {
    const why = error.cause instanceof Error ? ` (${error.cause.message})` : '';
    return new CommandFailure(
      'unreachable',
      `No daemon answers at ${url}${why}.`,
      'Is it running? "orchestrator doctor" looks; "orchestrator start" or "orchestrator dev" starts one.',
      undefined,
      { cause: error },
    );
  }
  return new CommandFailure('unavailable', error.message, undefined, undefined, { cause: error });
}

function refusal(error: AnsweredError): CommandFailure {
  const { name, hint, retryable } = error.data;
  const exit = EXITS[name] ?? (retryable ? 'unavailable' : 'refused');
  return new CommandFailure(
    exit,
    `${printable(error.message)} (${name})${detailText(error.message, error.data)}`,
    ownHint(error.data) ?? REFUSAL_HINTS[name] ?? hint,
    { name, code: error.code, data: error.data },
    { cause: error },
  );
}

/** What to do next where that depends on what the error is about. */
function ownHint({ name, resource, permission }: ErrorData & Readonly<Record<string, unknown>>): string | undefined {
  const [kind = '', ...rest] = typeof resource === 'string' ? resource.split('/') : [];
  if (name === 'permission_denied' && typeof permission === 'string') {
    return `Use another key, whose role has ${printable(permission)}: "orchestrator keys list" shows roles, "keys create" makes one.`;
  }
  if (name === 'conflict' && kind === 'mcp') {
    const [server = '', part] = rest.map(printable);
    if (part === 'authorization') {
      return `"orchestrator mcp status ${server}" shows how it is authorized. Where each caller has its own, --principal says whose; "mcp authorize ${server}" begins one.`;
    }
    return `"orchestrator mcp status ${server}" shows it; "mcp add ${server} --replace" changes what a command added.`;
  }
  if (name === 'not_found') return NOT_FOUND_HINTS[kind];
  if (name === 'invalid_params' && kind === 'tool') {
    return `"orchestrator tools show ${printable(rest.join('/'))}" says what it takes.`;
  }
  return undefined;
}

/** What the daemon says besides: each issue where there are several, and what an agent said unless the message has it. */
function detailText(message: string, { issues, agentError }: Readonly<Record<string, unknown>>): string {
  const lines = Array.isArray(issues) && issues.length > 1 ? issues.map(issueText) : [];
  const { message: said } = (agentError ?? {}) as { readonly message?: unknown };
  if (typeof said === 'string' && !message.includes(said)) lines.push(`the agent said: ${said}`);
  return lines.map((line) => `\n       ${printable(line)}`).join('');
}

function issueText(issue: unknown): string {
  const { path, message } = issue as { path?: unknown; message?: unknown };
  const where = typeof path === 'string' && path !== '' ? path : 'params';
  return `${where}: ${String(message)}`;
}
