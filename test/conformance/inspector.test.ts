import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { differences } from '../support/mcp/comparable.js';
import { withGateway } from '../support/mcp/gateway.js';
import { overHttp } from '../support/mcp/over-http.js';
import type { Heard } from '../support/mcp/record.js';
import { EVERYTHING } from '../support/mcp/subject.js';
import type { Place } from '../support/mcp/talk.js';
import { inspect } from './support/inspector.js';

const ASKED: Readonly<Record<string, readonly string[]>> = {
  'tools are listed': ['tools/list'],
  'a tool is called': ['tools/call', '--tool-name', 'get-sum', '--tool-arg', 'a=1', 'b=2'],
  'prompts are listed': ['prompts/list'],
  'a prompt': ['prompts/get', '--prompt-name', 'args-prompt', '--prompt-args', 'city=Graz'],
  'resources are listed': ['resources/list'],
  'templates are listed': ['resources/templates/list'],
  'a resource': ['resources/read', '--uri', 'demo://resource/static/document/features.md'],
  'a tool that is not there': ['tools/call', '--tool-name', 'no-such-tool'],
};

/** Tools that the server shows to who can answer its questions: the gateway can, for its clients, the command line cannot. */
const ASKING = /^trigger-(?:sampling|elicitation|url-elicitation)/;

/** A listing without those tools. */
function withoutAsking(heard: Heard): Heard {
  const { result } = heard['tools are listed'] as { result: { tools: readonly { name: string }[] } };
  const tools = result.tools.filter(({ name }) => !ASKING.test(name));
  return { ...heard, 'tools are listed': { result: { ...result, tools } } };
}

describe("the Inspector's command line", () => {
  it('shows the same through the gateway as without it [MCP-87]', async () => {
    const home = await mkdtemp(join(tmpdir(), 'orchestrator-inspector-'));
    const shown = async (place: Extract<Place, { url: string }>): Promise<Record<string, unknown>> => {
      const all: Record<string, unknown> = {};
      for (const [step, args] of Object.entries(ASKED)) {
        const { code, stdout, stderr } = await inspect(place, home, '--method', ...args);
        all[step] = code === 0 ? { result: stdout } : { error: { code, stderr } };
      }
      return all;
    };
    try {
      await overHttp(EVERYTHING, async (url) => {
        const direct = await shown({ url });
        const through = await withGateway(
          { everything: { command: EVERYTHING.command, args: EVERYTHING.args, prefix: '' } },
          ({ place }) => shown(place),
        );
        expect(differences(withoutAsking(through), direct)).to.deep.equal([]);
      });
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });
});
