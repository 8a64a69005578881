import type { Methods, ResultOf } from '@ai-orchestrator/protocol';
import type { Context } from './context.js';
import type { Output } from './output.js';
import { clockTime, durationText, relativeTime } from './time-text.js';

/** What became of a message, or that it is on its way. */
export type Receipt = ResultOf<Methods['message.receipt']>;

/** A receipt for people. */
export function receiptText(receipt: Receipt, { output, now }: Context): string {
  const { style } = output;
  return [
    `${style.bold(receipt.messageId)}  ${style.state(stateOf(receipt))}`,
    output.pairs([
      ['agent', receipt.agent],
      ['attempts', String(receipt.attempts)],
      ['reason', receipt.reason],
      ['accepted', relativeTime(receipt.acceptedAt, now())],
      ['settled', settledText(receipt)],
      ['correlation', receipt.correlationId],
    ]),
  ].join('\n\n');
}

/** A receipt as one line: when, which message, what became of it, by whom. */
export function receiptLine(receipt: Receipt, { style }: Output): string {
  const { messageId, agent, attempts, reason, settledAt, acceptedAt } = receipt;
  return [
    style.dim(clockTime(settledAt ?? acceptedAt)),
    messageId,
    style.state(stateOf(receipt)),
    style.bold(agent),
    ...(attempts > 1 ? [`${String(attempts)} attempts`] : []),
    ...(settledAt === undefined ? [] : [style.dim(tookText(acceptedAt, settledAt))]),
    ...(reason === undefined ? [] : [style.dim(reason)]),
  ].join('  ');
}

/** Its outcome, or that it has none yet. */
export function stateOf({ outcome, state }: Receipt): string {
  return outcome ?? state;
}

function settledText({ acceptedAt, settledAt }: Receipt): string | undefined {
  return settledAt === undefined ? undefined : `after ${tookText(acceptedAt, settledAt)}`;
}

function tookText(from: string, to: string): string {
  return durationText(Date.parse(to) - Date.parse(from));
}
