import { expect } from 'chai';
import type { ToolInvocation } from '@ai-orchestrator/core/plugin';
import { silentLog } from '@ai-orchestrator/core/plugin-testing';
import { OfferedSkills, type OfferedSkillsServices } from '../../src/agents/offered-skills.js';

describe('a call of a skill', () => {
  it('that is canceled while its task is submitted leaves no task behind [MCP-185]', async () => {
    const canceled: unknown[] = [];
    const caller = new AbortController();
    const card = { version: '1.0.0', skills: [{ id: 'work' }] };
    let name = '';
    const services = {
      agents: { list: () => ({ entries: [{ card }] }) },
      authorizer: { authorize: () => ({ allowed: true }) },
      journal: { head: { sequence: 0 }, follow: () => [] },
      tasks: {
        takes: () => true,
        submit() {
          caller.abort('the client left');
          return Promise.resolve({ taskId: 'one', updatedAt: '2026-11-01T00:00:00Z' });
        },
        cancel({ taskId }: { readonly taskId: string }) {
          canceled.push(taskId);
          return Promise.resolve({});
        },
      },
      tools: {
        addProvider: () => ({
          set(definitions: readonly { readonly name: string }[]) {
            name = definitions[0]?.name ?? '';
            return Promise.resolve([]);
          },
          close: () => Promise.resolve(),
        }),
      },
      log: silentLog,
    } as unknown as OfferedSkillsServices;
    const skills = new OfferedSkills(services, 10);
    await new Promise((resolve) => setImmediate(resolve));
    const invocation = {
      tool: { name, version: '1.0.0' },
      arguments: {},
      caller: { id: 'ada' },
      signal: caller.signal,
      exchange: { task: 'may' },
    } as unknown as ToolInvocation;
    const refused = await skills
      .invoke(invocation)
      .catch((error: unknown) => (error as { errorName: unknown }).errorName);
    await skills.close();
    expect([refused, canceled]).to.deep.equal(['canceled', ['one']]);
  });
});
