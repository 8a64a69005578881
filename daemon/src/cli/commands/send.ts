import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { CommandFailure } from '../command-failure.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { payloadInput } from '../payload-input.js';
import { receiptLine, stateOf } from '../receipt-text.js';
import { recipientAnd, recipientOptions, type RecipientOptions } from '../recipient.js';
import { settled } from '../settled.js';
import { duration, integer } from '../values.js';

interface SendOptions extends ConnectionOptions, RecipientOptions {
  readonly text?: boolean;
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
    .usage('<agent> <payload> [options]\n       orchestrator send --skill <skill> <payload> [options]')
    .argument('[agent]', 'id of the agent; left out with --skill')
    .argument('[payload]', 'what to send, as JSON; "-" reads it from stdin');
  recipientOptions(described)
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
    { says: 'Its id, for a script', line: `orchestrator send echo '1' --json | jq -r .messageId` },
  ]).action(async (first: string | undefined, second: string | undefined, options: SendOptions) => {
    const { to, text } = recipientAnd(first, second, options, 'send', 'payload');
    const payload = await payloadInput(text, options, 'PAYLOAD', context);
    const { type, priority, ttl, attempts, correlation, key } = options;
    const members = { type, priority, ttlMs: ttl, maxAttempts: attempts };
    const params = { ...members, correlationId: correlation, idempotencyKey: key };
    const { output } = context;
    await withDaemon(context, options, async (daemon) => {
      const sent = await daemon.call('message.send', { to, payload, ...defined(params) });
      if (options.wait !== true) {
        output.answer(sent, () => sent.messageId);
        if (!output.json)
          output.note(
            output.noteStyle.dim(
              `in the inbox of ${sent.agent}; "orchestrator messages receipt" says what becomes of it`,
            ),
          );
        return;
      }
      const receipt = await settled(daemon, sent.messageId, options.timeout);
      output.answer(receipt, () => receiptLine(receipt, output));
      if (receipt.outcome === undefined) {
        throw new CommandFailure(
          'unavailable',
          'It is not settled yet; it will be.',
          `Ask again: orchestrator messages receipt ${sent.messageId}`,
        );
      }
      if (receipt.outcome !== 'handled') {
        throw new CommandFailure('refused', `The message was not handled: ${stateOf(receipt)}.`, receipt.reason);
      }
    });
  });
}
