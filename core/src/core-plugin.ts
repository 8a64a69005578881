import { Agents } from './agents/agents.js';
import { agentsPart } from './agents/agents-part.js';
import { Contexts } from './contexts/contexts.js';
import { contextsPart } from './contexts/contexts-part.js';
import { CORE_REQUIRES } from './core-part.js';
import type { CoreHost, CoreLimits } from './core-part.js';
import { STEADY_CLOCK_LIMITS, SteadyClock } from './host/steady-clock.js';
import { Messages } from './messages/messages.js';
import { messagesPart } from './messages/messages-part.js';
import { definePlugin } from './plugin/plugin.js';
import { sessionPart } from './rpc/session-part.js';
import { statePart } from './state/state-part.js';
import { Effects } from './store/effects.js';
import { Journal } from './store/journal.js';
import { storePart } from './store/store-part.js';
import { Tasks } from './tasks/tasks.js';
import { tasksPart } from './tasks/tasks-part.js';
import { timelinePart } from './timeline/timeline-part.js';
import { Tools } from './tools/tools.js';
import { toolsPart } from './tools/tools-part.js';

/** The core's own methods, declared and started like those of any plugin: one part for each domain. */
export function corePlugin(limits: CoreLimits = {}) {
  return definePlugin({
    id: 'core',
    requires: CORE_REQUIRES,
    provides: {
      journal: Journal,
      agents: Agents,
      contexts: Contexts,
      messages: Messages,
      tasks: Tasks,
      effects: Effects,
      tools: Tools,
    },
    methods: {
      ...storePart.methods,
      ...sessionPart.methods,
      ...agentsPart.methods,
      ...contextsPart.methods,
      ...messagesPart.methods,
      ...tasksPart.methods,
      ...statePart.methods,
      ...timelinePart.methods,
      ...toolsPart.methods,
    },
    events: {
      ...storePart.events,
      ...sessionPart.events,
      ...agentsPart.events,
      ...contextsPart.events,
      ...messagesPart.events,
      ...tasksPart.events,
      ...statePart.events,
      ...timelinePart.events,
      ...toolsPart.events,
    },
    async start({ services, log, defer }) {
      const onSweepError = (err: unknown): void => {
        log.error({ err }, 'a sweep failed and will be tried again');
      };
      // What is kept or due outlives a wall clock that is wrong for a while; records and tokens are told by the wall clock itself.
      const clock = new SteadyClock(services.clock, { ...STEADY_CLOCK_LIMITS, ...limits.clock });
      const host: CoreHost = { ...services, clock, log, defer, limits, onSweepError };
      const store = await storePart.start(host, {});
      const sessions = await sessionPart.start(host, {});
      const agents = await agentsPart.start(host, store.services);
      const contexts = await contextsPart.start(host, { ...store.services, ...agents.services });
      const messages = await messagesPart.start(host, {
        ...store.services,
        ...agents.services,
        ...contexts.services,
      });
      const tasks = await tasksPart.start(host, {
        ...store.services,
        ...agents.services,
        ...contexts.services,
        messages: messages.services.messages,
        deadLetters: messages.services.deadLetters,
      });
      const state = await statePart.start(host, { ...store.services, ...agents.services, ...contexts.services });
      const tools = await toolsPart.start(host, {
        ...store.services,
        ...agents.services,
        ...contexts.services,
        messages: messages.services.messages,
      });
      const timelineSources = {
        context: contexts.services.timeline,
        message: messages.services.timeline,
        task: tasks.services.timeline,
        tool: tools.services.timeline,
      };
      const timeline = await timelinePart.start(host, { ...store.services, timelineSources });
      // Last, when everything that keeps content of contexts is there to erase it.
      defer(contexts.services.erasure.start(onSweepError));
      return {
        services: {
          ...store.services,
          contexts: contexts.services.contexts,
          agents: agents.services.agents,
          messages: messages.services.messages,
          tasks: tasks.services.tasks,
          tools: tools.services.tools,
        },
        handlers: {
          ...store.handlers,
          ...sessions.handlers,
          ...agents.handlers,
          ...contexts.handlers,
          ...messages.handlers,
          ...tasks.handlers,
          ...state.handlers,
          ...timeline.handlers,
          ...tools.handlers,
        },
      };
    },
  });
}
