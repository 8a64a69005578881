import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { McpClient, type Json } from './mcp-client.js';

const DECLARED = { elicitation: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } };

/** An MCP client by hand that follows tasks. */
export class McpTaskClient extends McpClient {
  constructor(
    private readonly at: string,
    private readonly secret: string,
    capabilities: Json = DECLARED,
  ) {
    super(at, secret, '/mcp', capabilities);
  }

  /** Listens for tasks: yields what was acknowledged, then each task that is told, until the caller has heard enough. */
  async *listen(taskIds: readonly string[]): AsyncGenerator<Json> {
    const method = 'subscriptions/listen';
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': DECLARED,
    };
    const asking = request(`${this.at}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.secret}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': method,
      },
    });
    asking.end(JSON.stringify({ jsonrpc: '2.0', id: 'l', method, params: { notifications: { taskIds }, _meta } }));
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    let text = '';
    // Whoever stops listening closes the stream.
    for await (const part of answer.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (text + part).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        if (!line.startsWith('data: {')) continue;
        yield (JSON.parse(line.slice('data: '.length)) as { readonly params: Json }).params;
      }
    }
  }

  /** The result of a request, or its error. */
  async ask(method: string, params: Json = {}): Promise<Json> {
    const { body } = await this.modern(1, method, params);
    return (body.result ?? body.error) as Json;
  }

  /** Calls a tool that becomes a task; answers its id. */
  async begin(name: string, given: Json): Promise<string> {
    const begun = await this.ask('tools/call', { name, arguments: given });
    if (begun.resultType !== 'task') throw new Error(`${name} became no task: ${JSON.stringify(begun)}`);
    return String(begun.taskId);
  }

  /** Asks for a task until it has a status. */
  async until(taskId: string, status: string): Promise<Json> {
    let task: Json = {};
    for (const end = Date.now() + 60_000; Date.now() < end;) {
      task = await this.ask('tasks/get', { taskId });
      if (task.status === status) return task;
      await delay(50);
    }
    throw new Error(`the task did not become ${status}: ${JSON.stringify(task)}`);
  }
}
