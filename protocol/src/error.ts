/** What a table row says about one error. */
export interface ErrorRow {
  /** JSON-RPC error code; ours are from 1000 up, negative ones are the specification's [JSON-RPC 2.0 §5.1]. */
  readonly code: number;
  readonly text: string;
  /** Whether the same call can succeed later without being changed. */
  readonly retryable: boolean;
  /** What to do next. */
  readonly hint: string;
}

/** Every error that crosses the wire, by its stable name. Codes are never reused. */
export const ERRORS = {
  parse_error: { code: -32700, text: 'Parse error', retryable: false, hint: 'Send one JSON text per frame, in UTF-8.' },
  invalid_request: {
    code: -32600,
    text: 'Invalid Request',
    retryable: false,
    hint: 'Send a JSON-RPC 2.0 request object or a non-empty batch of them.',
  },
  method_not_found: {
    code: -32601,
    text: 'Method not found',
    retryable: false,
    hint: 'rpc.discover lists the methods of this daemon.',
  },
  invalid_params: {
    code: -32602,
    text: 'Invalid params',
    retryable: false,
    hint: 'data.issues names each member that is wrong; rpc.discover has the schema.',
  },
  internal_error: {
    code: -32603,
    text: 'Internal error',
    retryable: true,
    hint: 'The daemon logged the cause under data.incident.',
  },
  unauthenticated: {
    code: 1000,
    text: 'Not authenticated',
    retryable: false,
    hint: 'Send "Authorization: Bearer KEY" at the upgrade, or call session.authenticate first.',
  },
  permission_denied: {
    code: 1001,
    text: 'Permission denied',
    retryable: false,
    hint: 'Use a key whose role has data.permission; "orchestrator keys list" shows roles.',
  },
  rate_limited: { code: 1002, text: 'Too many requests', retryable: true, hint: 'Wait data.retryAfterMs, then retry.' },
  limit_exceeded: {
    code: 1003,
    text: 'Limit exceeded',
    retryable: false,
    hint: 'data.limit names the limit and its value in the configuration.',
  },
  not_found: {
    code: 1004,
    text: 'Not found',
    retryable: false,
    hint: 'Check the id; data.resource names what is missing.',
  },
  conflict: {
    code: 1005,
    text: 'Conflict',
    retryable: false,
    hint: 'Read the current revision of data.resource and decide again.',
  },
  cursor_expired: {
    code: 1006,
    text: 'Cursor expired',
    retryable: false,
    hint: 'Read the current state, then subscribe again without a cursor.',
  },
  deadline_exceeded: {
    code: 1007,
    text: 'Deadline exceeded',
    retryable: true,
    hint: 'Retry with a larger timeoutMs, or ask whether the agent is overloaded.',
  },
  canceled: { code: 1008, text: 'Canceled', retryable: false, hint: 'The caller canceled this request.' },
  unavailable: {
    code: 1009,
    text: 'Unavailable',
    retryable: true,
    hint: 'Retry after data.retryAfterMs or a short wait.',
  },
  going_away: {
    code: 1010,
    text: 'The daemon is shutting down',
    retryable: true,
    hint: 'Reconnect after data.retryAfterMs.',
  },
  storage_full: {
    code: 1011,
    text: 'Storage is full',
    retryable: true,
    hint: 'Free space on the data directory; writes resume without a restart.',
  },
  storage_fenced: {
    code: 1012,
    text: 'Storage stopped accepting writes',
    retryable: false,
    hint: 'A sync to disk failed: check the disk, run "orchestrator doctor", then restart.',
  },
  storage_corruption: {
    code: 1013,
    text: 'Stored data is damaged',
    retryable: false,
    hint: 'Run "orchestrator doctor"; restore from a snapshot if it says so.',
  },
  agent_not_found: {
    code: 1100,
    text: 'No such agent',
    retryable: false,
    hint: 'agent.list shows the agents that you may see.',
  },
  agent_id_taken: {
    code: 1101,
    text: 'The agent id belongs to another principal',
    retryable: false,
    hint: 'Register under another id, or use the key that first registered it.',
  },
  agent_offline: {
    code: 1102,
    text: 'The agent is not connected',
    retryable: true,
    hint: 'Retry once agent.get shows it ready.',
  },
  agent_unavailable: {
    code: 1103,
    text: 'The agent takes no requests now',
    retryable: true,
    hint: 'data.state says why (draining, suspended); ask another agent with the skill.',
  },
  no_agent_for_skill: {
    code: 1104,
    text: 'No agent with this skill takes requests now',
    retryable: true,
    hint: 'agent.list with the skill shows who has it and in what state.',
  },
  transition_refused: {
    code: 1105,
    text: 'The agent cannot change to that state',
    retryable: false,
    hint: 'data.from and data.allowed say what is possible.',
  },
  stale_epoch: {
    code: 1106,
    text: 'Another session has taken over this agent',
    retryable: false,
    hint: 'Register again if this session should own it.',
  },
  hop_limit: {
    code: 1107,
    text: 'Too many hops',
    retryable: false,
    hint: 'data.chain shows the agents this request went through; there is probably a loop.',
  },
  agent_failed: {
    code: 1108,
    text: 'The agent answered with an error',
    retryable: false,
    hint: 'data.agentError is what it said.',
  },
  too_many_pending: {
    code: 1109,
    text: 'Too many requests in flight',
    retryable: true,
    hint: 'Wait for answers before sending more; data.limit says how many.',
  },
  inbox_full: {
    code: 1200,
    text: 'The inbox is full',
    retryable: true,
    hint: 'Send again once the recipient has caught up; data.limit is what it is full of.',
  },
  stale_attempt: {
    code: 1201,
    text: 'This attempt is over',
    retryable: false,
    hint: 'Stop working on it: it is another attempt by now, or has its outcome.',
  },
  task_not_found: {
    code: 1210,
    text: 'No such task',
    retryable: false,
    hint: 'task.list shows the tasks that you are party to.',
  },
  task_state: {
    code: 1211,
    text: 'The task cannot change to that state',
    retryable: false,
    hint: 'data.from and data.allowed say what is possible; task.get shows where the task is.',
  },
  fan_out_limit: {
    code: 1212,
    text: 'Too many sub-tasks or messages',
    retryable: false,
    hint: 'data.chain shows what brought it about; raise fanOut of the parent task, or the limit named, if so many are meant.',
  },
  budget_exceeded: {
    code: 1213,
    text: 'The budget is spent',
    retryable: false,
    hint: 'data.left is what is left; submit the root task again with a larger budget.',
  },
  not_your_turn: {
    code: 1220,
    text: 'It is not your turn',
    retryable: true,
    hint: 'data.turn says whose it is and until when; context.watch tells when it changes.',
  },
  context_closed: {
    code: 1221,
    text: 'The context takes no more entries',
    retryable: false,
    hint: 'data.state says whether it was closed or erased; begin another with context.create.',
  },
  capability_missing: {
    code: 1300,
    text: 'A capability is missing',
    retryable: false,
    hint: 'data.missing is what the tool needs and nobody gave you; a grant in tools.grants gives it.',
  },
  tool_failed: {
    code: 1301,
    text: 'The provider of the tool answered with an error',
    retryable: false,
    hint: 'data.providerError is what it said.',
  },
  tool_result_invalid: {
    code: 1302,
    text: 'The tool answered what its output schema does not allow',
    retryable: false,
    hint: 'data.issues names what is wrong; tell whoever provides the tool.',
  },
  approval_required: {
    code: 1303,
    text: 'Somebody has to approve this call',
    retryable: true,
    hint: 'Call again with the same arguments once it is approved; tool.approvals shows it to who may approve.',
  },
} as const satisfies Record<string, ErrorRow>;

/** The stable name of an error. */
export type ErrorName = keyof typeof ERRORS;

/** One thing that is wrong with params: where (JSON Pointer) and what was expected. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

/** The `data` member of every error object that the daemon sends. */
export interface ErrorData {
  readonly name: ErrorName;
  readonly retryable: boolean;
  readonly hint: string;
  readonly [member: string]: unknown;
}

/** An error that crosses the wire; throw one in a handler to answer it. */
export class OrchestratorError extends Error {
  override readonly name = 'OrchestratorError';
  readonly code: number;
  readonly data: ErrorData;

  /**
   * @param errorName row of {@link ERRORS}
   * @param detail what exactly went wrong and what to do, appended to the row's text
   * @param data further members of the error's `data`
   * @param options `cause`, which is logged and never sent
   */
  constructor(
    readonly errorName: ErrorName,
    detail?: string,
    data: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    const row = ERRORS[errorName];
    super(detail === undefined ? row.text : `${row.text}: ${detail}`, options);
    this.code = row.code;
    this.data = { name: errorName, retryable: row.retryable, hint: row.hint, ...data };
  }
}
