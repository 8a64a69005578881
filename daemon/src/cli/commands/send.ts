import type { Methods, ParamsOf } from '@ai-orchestrator/protocol';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { CommandFailure } from '../command-failure.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { payloadInput } from '../payload-input.js';
import { receiptLine, stateOf, type Receipt } from '../receipt-text.js';
import { recipientAnd, recipientOptions, type RecipientOptions } from '../recipient.js';
import { settled } from '../settled.js';
import { duration, integer } from '../values.js';

interface SendOptions extends ConnectionOptions, RecipientOptions {
  readonly text?: boolean;
  readonly context?: string;
  readonly type?: string;
  readonly ttl?: number;
  readonly priority?: number;
  readonly attempts?: number;
  readonly correlation?: string;
  readonly key?: string;
  readonly wait?: boolean;
  readonly timeout: number;
}

/** `orchestrator send` */
export function send(command: Command, context: Context): void {
  const described = command
    .usage(
      [
        '<agent> <payload> [options]',
        'orchestrator send --skill <skill> <payload> [options]',
        'orchestrator send --context <context> <payload> [options]',
      ].join('\n       '),
    )
    .argument('[agent]', 'id of the agent; left out with --skill, and for all who speak in a context')
    .argument('[payload]', 'what to send, as JSON; "-" reads it from stdin');
  recipientOptions(described)
    .option(
      '--context <context>',
      'in this conversation; to all agents that speak in it, unless one or a skill is named',
    )
    .option('--text', 'the payload is text, not JSON')
    .option('--type <type>', 'what kind of message it is; agents choose a handler by it')
    .option('--ttl <duration>', 'it expires unless delivered within this time', duration)
    .option('--priority <0-9>', '9 goes first', integer(0, 9), 4)
    .option('--attempts <count>', 'deliveries before it is a dead letter', integer(1, 100))
    .option('--correlation <id>', 'what belongs together, in words of your own')
    .option('--key <key>', 'idempotency key: sent again with the same key it is one message')
    .option('--wait', 'wait for the receipt; ends with 0 only if the message was handled')
    .option('--timeout <duration>', 'how long to wait for the receipt', duration, 30_000);
  examples(connectionOptions(command), [
    { says: 'Leave a message for an agent; it may be away', line: `orchestrator send echo '{"hello": "world"}'` },
    {
      says: 'For whoever has a skill, and wait until it is handled',
      line: `orchestrator send --skill echo '"hi"' --wait`,
    },
    {
      says: 'Before others, and only if it is delivered within the hour',
      line: `orchestrator send echo '1' --priority 9 --ttl 1h`,
    },
    { says: 'To all who speak in a conversation', line: `orchestrator send --context CONTEXT '"we begin at nine"'` },
    { says: 'Its id, for a script', line: `orchestrator send echo '1' --json | jq -r .messageId` },
  ]).action(async (first: string | undefined, second: string | undefined, options: SendOptions) => {
    const { to, contextId, text } = addressed(first, second, options);
    const payload = await payloadInput(text, options, 'PAYLOAD', context);
    const { type, priority, ttl, attempts, correlation, key } = options;
    const members = { contextId, type, priority, ttlMs: ttl, maxAttempts: attempts };
    const params = { ...members, correlationId: correlation, idempotencyKey: key };
    const { output } = context;
    await withDaemon(context, options, async (daemon) => {
      const sent = await daemon.call('message.send', { to, payload, ...defined(params) });
      const messages = sent.messages ?? [sent];
      if (options.wait !== true) {
        output.answer(sent, () => messages.map(({ messageId }) => messageId).join('\n'));
        if (!output.json) output.note(output.noteStyle.dim(whereTheyAre(messages)));
        return;
      }
      const receipts: Receipt[] = [];
      for (const { messageId } of messages) receipts.push(await settled(daemon, messageId, options.timeout));
      output.answer(sent.messages === undefined ? receipts[0] : { receipts }, () =>
        receipts.map((receipt) => receiptLine(receipt, output)).join('\n'),
      );
      for (const receipt of receipts) expectHandled(receipt);
    });
  });
}

interface Addressed {
  readonly to: ParamsOf<Methods['message.send']>['to'];
  readonly contextId?: string | undefined;
  readonly text: string;
}

/** To whom, in which conversation, and what. @throws CommandFailure `usage` */
function addressed(first: string | undefined, second: string | undefined, options: SendOptions): Addressed {
  const { context, skill } = options;
  if (context !== undefined && skill === undefined && first !== undefined && second === undefined) {
    return { to: { context }, text: first };
  }
  return { ...recipientAnd(first, second, options, 'send', 'payload'), contextId: context };
}

function whereTheyAre(messages: readonly { readonly agent: string }[]): string {
  const agents = messages.map(({ agent }) => agent).join(', ');
  const [inboxes, become] = messages.length === 1 ? ['inbox', 'it'] : ['inboxes', 'each'];
  return `in the ${inboxes} of ${agents}; "orchestrator messages receipt" says what becomes of ${become}`;
}

/** @throws CommandFailure unless the message was handled */
function expectHandled(receipt: Receipt): void {
  if (receipt.outcome === undefined) {
    throw new CommandFailure(
      'unavailable',
      'It is not settled yet; it will be.',
      `Ask again: orchestrator messages receipt ${receipt.messageId}`,
    );
  }
  if (receipt.outcome !== 'handled') {
    throw new CommandFailure('refused', `The message was not handled: ${stateOf(receipt)}.`, receipt.reason);
  }
}
