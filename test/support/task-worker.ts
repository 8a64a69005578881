import { connect } from '@ai-orchestrator/protocol/client';

/** A worker as a process of its own: `node task-worker.js URL TOKEN AGENT`. What it does with a task or message is its content. */
const [url = '', token = '', agentId = ''] = process.argv.slice(2);
const card = { name: 'A worker', version: '1.0.0', skills: [{ id: 'work' }] };

const client = await connect({ url, token, reconnectBaseMs: 20, reconnectMaxMs: 200 });
const held = new Map<string, number>();

client.handle('task.assign', ({ task, input }) => {
  const { taskId, epoch } = task;
  if (input === 'crash') process.kill(process.pid, 'SIGKILL');
  process.stdout.write(`${JSON.stringify({ taskId, epoch, attempt: task.attempt, input })}\n`);
  if (input === 'never') {
    held.set(taskId, epoch);
    return null;
  }
  return { output: input };
});
client.handle('message.handle', ({ message, payload }) => {
  const { id: messageId, deliveryId, attempt } = message;
  if (payload === 'crash') process.kill(process.pid, 'SIGKILL');
  process.stdout.write(`${JSON.stringify({ messageId, deliveryId, attempt, payload })}\n`);
  return payload === 'never' ? { ack: false } : null;
});
client.handle('task.canceled', ({ taskId }) => void held.delete(taskId));

for await (const { state } of client.status()) {
  if (state !== 'connected') continue;
  try {
    await client.call('agent.register', { agentId, card });
    await client.call('task.open', { agentId, window: 8 });
    await client.call('inbox.open', { agentId, window: 8 });
    for (const [taskId, epoch] of held) {
      await client.call('task.heartbeat', { taskId, epoch }).catch(() => held.delete(taskId));
    }
  } catch (error) {
    // The next connection tries again.
    process.stderr.write(`${String(error)}\n`);
  }
}
