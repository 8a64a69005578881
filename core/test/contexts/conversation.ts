import type { contextMethods, ParamsOf, ResultOf } from '@ai-orchestrator/protocol';
import { callBy, card, startCore } from '../support/core.js';
import type { MemorySession } from '../support/memory-session.js';

type Create = ParamsOf<typeof contextMethods.contextCreate>;
type Append = ParamsOf<typeof contextMethods.contextAppend>;
type Read = ResultOf<typeof contextMethods.contextRead>;

/** An operator and agents of three principals, in a context called `talk`. */
export async function conversation(
  params: Omit<Create, 'contextId' | 'participants'> = {},
  options: Parameters<typeof startCore>[0] = {},
) {
  const core = await startCore(options);
  const { handlers } = core;
  const lead = core.connect('lead', 'operator');
  const sessions: Record<string, MemorySession> = { lead };
  for (const name of ['ann', 'bob', 'cid']) {
    const session = core.connect(name);
    sessions[name] = session;
    await handlers.agentRegister({ agentId: name, card: card() }, callBy(session));
  }
  const participants = [{ agent: 'ann' }, { agent: 'bob' }, { agent: 'cid' }];
  await handlers.contextCreate({ contextId: 'talk', participants, ...params }, callBy(lead));
  const session = (name: string): MemorySession => {
    const found = sessions[name];
    if (found === undefined) throw new Error(`nobody is called ${name}`);
    return found;
  };
  return {
    ...core,
    session,
    /** Appends to the context. */
    say: (name: string, payload: unknown, more: Omit<Partial<Append>, 'payload'> = {}) =>
      handlers.contextAppend({ contextId: 'talk', ...more }, callBy(session(name), 'context.append', payload)),
    read: (name: string, more: object = {}) =>
      handlers.contextRead({ contextId: 'talk', ...more }, callBy(session(name))),
    get: (name = 'lead') => handlers.contextGet({ contextId: 'talk' }, callBy(session(name))),
  };
}

/** Entries in short: `1 ann "hello"`. */
export function brief({ entries }: Pick<Read, 'entries'>): string[] {
  return entries.map(({ entry, by, agent, type, payload, reason, turn }) => {
    const holder = turn?.holder;
    const whose = holder === undefined ? '' : ` -> ${'agent' in holder ? holder.agent : holder.principal}`;
    const what = payload === undefined ? `${type}${reason === undefined ? '' : ` ${reason}`}` : JSON.stringify(payload);
    return `${String(entry)} ${agent ?? by} ${what}${whose}`;
  });
}
