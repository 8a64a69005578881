/** Has a text counted by whoever has the skill `count-words`, follows the task and reads its artifact. The text comes by stdin. */
import { connect } from '@ai-orchestrator/protocol/client';
import { text } from 'node:stream/consumers';

const { ORCHESTRATOR_URL: url = 'ws://127.0.0.1:7420/rpc', ORCHESTRATOR_TOKEN: token = '' } = process.env;

const client = await connect({ url, token });
const task = await client.submitTask({ skill: 'count-words' }, { text: await text(process.stdin) });
// From its first event to its last, over lost connections and restarts of the daemon.
for await (const { type, state, message } of task) {
  process.stdout.write(`${[type, state, message].filter((part) => part !== undefined).join(' ')}\n`);
}
process.stdout.write(`${await task.artifact('counts').text()}\n${JSON.stringify(await task.result)}\n`);
await client.close();
