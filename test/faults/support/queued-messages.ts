import type { Put } from '@ai-orchestrator/core/plugin';
import { SystemClock, SystemTimers } from '@ai-orchestrator/core';
import { LevelStore } from '@ai-orchestrator/plugin-storage-level';
import { quietLog } from './quiet-log.js';

const A_COMMIT = 500;
const AT_ONCE = 8;

/**
 * Puts copies behind the one message that waits in each inbox of a store, as the daemon would have written them: the message, its place,
 * how full the inbox is, and the record of its acceptance.
 */
export async function queueMessages(path: string, agentIds: readonly string[], each: number): Promise<void> {
  const store = await LevelStore.open({
    path,
    node: 'test',
    clock: new SystemClock(),
    timers: new SystemTimers(),
    log: quietLog,
  });
  const commits: (() => Promise<unknown>)[] = [];
  let made = 0;
  for (const agentId of agentIds) {
    const { entries } = await store.range({ from: `inboxes/${agentId}/`, to: `inboxes/${agentId}0`, limit: 2 });
    const [place] = entries;
    const { id, ...about } = place?.value as { id: string; bytes: number };
    const [message] = await store.getTexts([`messages/${id}`]);
    if (place === undefined || message === undefined || entries.length !== 1)
      throw new Error(`${agentId} has ${String(entries.length)} messages`);
    const prefix = place.key.slice(0, -16);
    for (let from = 2; from <= each; from += A_COMMIT) {
      const to = Math.min(each, from + A_COMMIT - 1);
      commits.push(() => {
        const puts: Put[] = [];
        const events = [];
        for (let sequence = from; sequence <= to; sequence++) {
          // A later time, and a number of its own.
          const copy = `ffffffff-ffff-7000-8000-${(++made).toString(16).padStart(12, '0')}`;
          const text = message.text.replace(id, copy).replace('"sequence":1', `"sequence":${String(sequence)}`);
          puts.push({ key: `messages/${copy}`, text });
          puts.push({ key: prefix + String(sequence).padStart(16, '0'), value: { id: copy, ...about } });
          const details = {
            messageId: copy,
            sender: 'test',
            agent: agentId,
            type: 'message',
            priority: 4,
            bytes: 1,
            hops: 0,
          };
          events.push({ action: 'message.accepted', resource: `message/${copy}`, principal: 'test', details });
        }
        const head = { next: to + 1, count: to, bytes: to * about.bytes };
        puts.push({ key: `inboxes-heads/${agentId}`, value: head });
        return store.commit({ puts, events });
      });
    }
  }
  for (let i = 0; i < commits.length; i += AT_ONCE) {
    await Promise.all(commits.slice(i, i + AT_ONCE).map((commit) => commit()));
  }
  await store.close();
}
