import type { Client } from '@modelcontextprotocol/client';

/** Names of the suite's tools that are called with something. */
const ARGUMENTS: Readonly<Record<string, Record<string, unknown>>> = {
  add_numbers: { a: 5, b: 3 },
  valid_tool: { region: 'somewhere' },
};

/** One call that a scenario asks for. */
interface ToolCall {
  readonly name: string;
  readonly arguments: Record<string, unknown>;
}

/** Does through the gateway what a scenario asks of a client: lists, calls, reads and gets what the server behind `prefix` has. */
export async function play(
  client: Client,
  prefix: string,
  scenario: string,
  context: Readonly<Record<string, unknown>>,
  authorized: () => Promise<void>,
): Promise<void> {
  let between: (() => Promise<unknown>) | undefined;
  client.setRequestHandler('elicitation/create', async ({ params }) => {
    await between?.();
    return { action: 'accept', content: answers(params) };
  });
  const tools = (await client.listTools()).tools.filter((tool) => tool.name.startsWith(prefix));
  const call = async (name: string, args: Record<string, unknown> = ARGUMENTS[name] ?? {}): Promise<unknown> => {
    const asked = { name: `${prefix}${name}`, arguments: args };
    try {
      return await client.callTool(asked);
    } catch {
      // The server may want to be authorized at for more; that is asked for once.
      await authorized();
      return client.callTool(asked);
    }
  };
  if (scenario === 'sep-2322-client-request-state') {
    // In between the rounds of one call another one is made, which must know nothing of them.
    between = once(() => call('test_mrtr_unrelated'));
  }
  const wanted = (context.toolCalls as readonly ToolCall[] | undefined) ?? [];
  // What is null does not fit the schemas, which the gateway checks: it is left out.
  for (const { name, arguments: args } of wanted) await call(name, withoutNulls(args));
  if (wanted.length > 0) return;
  const echoed = tools.find(({ name }) => name === `${prefix}json_schema_2020_12_tool`);
  for (const { name } of tools) {
    const plain = name.slice(prefix.length);
    if (plain === 'json_schema_echo' && echoed !== undefined) await call(plain, { schema: echoed.inputSchema });
    else if (name !== echoed?.name) await call(plain);
  }
  const { resources } = await client.listResources();
  for (const { uri } of resources) await client.readResource({ uri });
  const { prompts } = await client.listPrompts();
  for (const { name } of prompts.filter((prompt) => prompt.name.startsWith(prefix))) await client.getPrompt({ name });
}

/** An answer that fits a form: what is not known by default is yes, one or a word. */
function answers(params: unknown): Record<string, string | number | boolean> {
  const { requestedSchema } = params as {
    requestedSchema?: { properties?: Record<string, { type?: string; default?: unknown }>; required?: string[] };
  };
  const some = { boolean: true, integer: 1, number: 1 } as Readonly<Record<string, boolean | number>>;
  return Object.fromEntries(
    Object.entries(requestedSchema?.properties ?? {}).flatMap(([name, { type = 'string', default: usual }]) =>
      usual === undefined ? [[name, some[type] ?? 'word']] : [],
    ),
  );
}

const withoutNulls = (args: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null));

function once(run: () => Promise<unknown>): () => Promise<unknown> {
  let done: Promise<unknown> | undefined;
  return () => (done ??= run());
}
