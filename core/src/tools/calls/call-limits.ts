import { token } from '../../plugin/token.js';

/** Bounds of tool calls. */
export interface ToolCallLimits {
  /** How long a call may take at its provider unless its tool or caller say, ms. */
  readonly timeoutMs: number;
  /** The longest that a tool or a caller may ask for, ms. */
  readonly timeoutMaxMs: number;
  /** Calls under way, those that wait included. */
  readonly inFlight: number;
  /** Calls of one tool at a time unless it says. */
  readonly concurrentPerTool: number;
  /** Calls of one principal at a time. */
  readonly concurrentPerCaller: number;
  /** Calls that wait for others of the same tool or caller to end. */
  readonly queued: number;
  /** How long they wait, ms. */
  readonly queueMs: number;
  /** Calls in a row for which a provider could not be reached, or did not answer in time, after which it is given a rest. */
  readonly breakerFailures: number;
  /** Of a provider that is slow: a time-out that its caller chose shorter than this, and than the tool's own, says nothing, ms. */
  readonly breakerTimeoutMs: number;
  /** The first rest, ms; doubles with each one that did not help. */
  readonly breakerOpenMs: number;
  /** The longest rest, ms. */
  readonly breakerOpenMaxMs: number;
  /** Results of pure tools that are kept. */
  readonly cachedResults: number;
  /** Characters of those as JSON. */
  readonly cachedCharacters: number;
  /** Requests for approval that are kept, decided or not. */
  readonly approvals: number;
  /** Of one principal. */
  readonly approvalsPerCaller: number;
  /** Characters of their arguments as JSON. */
  readonly approvalCharacters: number;
  /** How long a call waits for approval, ms; after that the caller asks again. */
  readonly approvalWaitMs: number;
  /** How often a call that waits for approval says so to a caller that wants progress, ms. */
  readonly approvalNoticeMs: number;
  /** How long an approval can be given, and used once it was, ms. */
  readonly approvalExpiryMs: number;
  /** How long timelines know a call, ms. */
  readonly keepMs: number;
  /** Between two looks for what is kept no longer, ms. */
  readonly sweepMs: number;
}
/** Token of {@link ToolCallLimits}. */
export const ToolCallLimits = token<ToolCallLimits>('tool-call-limits');
/** What {@link ToolCallLimits} are unless configured. */
export const TOOL_CALL_LIMITS: ToolCallLimits = {
  timeoutMs: 60_000,
  timeoutMaxMs: 3_600_000,
  inFlight: 10_000,
  concurrentPerTool: 256,
  concurrentPerCaller: 256,
  queued: 1_000,
  queueMs: 10_000,
  breakerFailures: 5,
  breakerTimeoutMs: 5_000,
  breakerOpenMs: 2_000,
  breakerOpenMaxMs: 60_000,
  cachedResults: 1_000,
  cachedCharacters: 16 * 1024 * 1024,
  approvals: 1_000,
  approvalsPerCaller: 32,
  approvalCharacters: 16 * 1024 * 1024,
  approvalWaitMs: 50_000,
  approvalNoticeMs: 10_000,
  approvalExpiryMs: 900_000,
  keepMs: 7 * 86_400_000,
  sweepMs: 60_000,
};
