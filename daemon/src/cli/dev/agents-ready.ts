import { setTimeout as pause } from 'node:timers/promises';
import { CommandFailure } from '../command-failure.js';
import { withDaemon, type Connection } from '../connection.js';
import type { Context } from '../context.js';
import { DEV_AGENTS } from './dev-configuration.js';

/** How long the example agents may take to register, and how often they are looked for. */
const READY_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 50;

/**
 * Waits until the example agents take requests.
 *
 * @throws CommandFailure with what the agents printed, when one of them was given up or does not come
 */
export async function agentsReady(dataDirectory: string, context: Context): Promise<void> {
  await withDaemon(context, { dataDir: dataDirectory }, async (daemon) => {
    const deadline = performance.now() + READY_WITHIN_MS;
    while (!(await allReady(daemon))) {
      if (performance.now() > deadline) throw await notReady(daemon, `within ${READY_WITHIN_MS / 1000} s`);
      const { entries } = await daemon.call('program.list', {});
      if (entries.some(({ state }) => state === 'failed')) throw await notReady(daemon, 'and was given up');
      await pause(LOOK_EVERY_MS, undefined, { signal: daemon.signal });
    }
  });
}

async function allReady(daemon: Connection): Promise<boolean> {
  const { entries } = await daemon.call('agent.list', { state: 'ready', limit: 1000 });
  return DEV_AGENTS.every((id) => entries.some(({ agentId }) => agentId === id));
}

async function notReady(daemon: Connection, when: string): Promise<CommandFailure> {
  const parts = await Promise.all(
    DEV_AGENTS.map(async (name) => {
      const { entries } = await daemon.call('program.logs', { name, lines: 5 });
      return entries.map(({ line }) => `${name}: ${line}`);
    }),
  );
  return new CommandFailure(
    'failure',
    ['An example agent did not become ready ' + when + '. The agents printed last:', ...parts.flat()].join('\n  '),
  );
}
