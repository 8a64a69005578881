import type { Role } from '@ai-orchestrator/protocol';
import { Option, type Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { secretText } from '../key-text.js';
import { duration, oneOf } from '../values.js';

const ROLE_NAMES = ['admin', 'operator', 'agent', 'observer'] as const satisfies readonly Role[];
const KINDS = ['user', 'agent', 'service'] as const;

interface CreateOptions extends ConnectionOptions {
  readonly role?: readonly Role[];
  readonly principal?: string;
  readonly kind?: (typeof KINDS)[number];
  readonly expires?: number;
}

/** `orchestrator keys create` */
export function keysCreate(command: Command, context: Context): void {
  command
    .argument('<name>', 'what the key is called in listings')
    .addOption(
      new Option('--role <role>', 'what it may do; agent unless said; can be repeated')
        .choices(ROLE_NAMES)
        .argParser((text, before?: readonly Role[]) => [...(before ?? []), oneOf(ROLE_NAMES)(text)]),
    )
    .option('--principal <id>', 'whom it stands for; a new principal named after the key unless said')
    .addOption(new Option('--kind <kind>', 'what that is; agent unless said').choices(KINDS))
    .option('--expires <duration>', 'when it stops working: 12h, 30d; never unless said', duration);
  examples(connectionOptions(command), [
    { says: 'A key for an agent', line: 'orchestrator keys create translator' },
    {
      says: 'A key to look around with, for a week',
      line: 'orchestrator keys create dashboard --role observer --kind service --expires 7d',
    },
    {
      says: 'Into a file that only you can read',
      line: '(umask 077; orchestrator keys create ci --json | jq -r .secret > ci.key)',
    },
  ]).action(async (name: string, options: CreateOptions) => {
    const { principal, kind, expires: expiresInMs, role = ['agent'] } = options;
    const params = { name, roles: [...role], ...defined({ principal, kind, expiresInMs }) };
    const created = await withDaemon(context, options, (daemon) => daemon.call('key.create', params));
    context.output.answer(created, () => secretText(created.key, created.secret, context));
    context.output.note('Keep the secret now: it is not shown again.');
  });
}
