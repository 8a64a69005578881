import { contextMethods, events } from '@ai-orchestrator/protocol';
import type { Agents } from '../agents/agents.js';
import { corePart } from '../core-part.js';
import type { Effects } from '../store/effects.js';
import { Signals } from '../store/signals.js';
import { ContextAccess } from './context-access.js';
import { ContextCalls } from './context-calls.js';
import { ContextErasure } from './context-erasure.js';
import { ContextExport } from './context-export.js';
import { CONTEXT_LIMITS } from './context-limits.js';
import { ContextMembership } from './context-membership.js';
import { ContextReading } from './context-reading.js';
import { ContextRetention } from './context-retention.js';
import { ContextService } from './context-service.js';
import { ContextSettings } from './context-settings.js';
import { ContextSpeaking } from './context-speaking.js';
import { ContextTimeline } from './context-timeline.js';
import { ContextWriter } from './context-writer.js';
import { Conversations } from './conversations.js';
import { Transcript } from './transcript.js';
import { TurnKeeper } from './turn-keeper.js';

/** Conversations of several principals: who takes part, what was said, whose turn it is. */
export const contextsPart = corePart({
  methods: {
    contextCreate: contextMethods.contextCreate,
    contextGet: contextMethods.contextGet,
    contextList: contextMethods.contextList,
    contextInvite: contextMethods.contextInvite,
    contextRemove: contextMethods.contextRemove,
    contextLeave: contextMethods.contextLeave,
    contextUpdate: contextMethods.contextUpdate,
    contextClose: contextMethods.contextClose,
    contextAppend: contextMethods.contextAppend,
    contextPass: contextMethods.contextPass,
    contextSummarize: contextMethods.contextSummarize,
    contextRead: contextMethods.contextRead,
    contextWatch: contextMethods.contextWatch,
    contextExport: contextMethods.contextExport,
    contextErase: contextMethods.contextErase,
  },
  events: {
    contextCreated: events.contextCreated,
    contextJoined: events.contextJoined,
    contextLeft: events.contextLeft,
    contextUpdated: events.contextUpdated,
    contextClosed: events.contextClosed,
    contextAppended: events.contextAppended,
    contextSummarized: events.contextSummarized,
    contextTurnPassed: events.contextTurnPassed,
    contextTrimmed: events.contextTrimmed,
    contextExported: events.contextExported,
    contextErasing: events.contextErasing,
    contextErased: events.contextErased,
  },
  start(host, { effects, agents }: { readonly effects: Effects; readonly agents: Agents }) {
    const { store, clock, timers, random, authorizer, instruments, defer, onSweepError } = host;
    const limits = { ...CONTEXT_LIMITS, ...host.limits.contexts };
    const signals = new Signals(limits.readers);
    const access = new ContextAccess(authorizer);
    const conversations = new Conversations(store, limits);
    const writer = new ContextWriter(store, clock, conversations, signals, instruments, limits);
    const keeper = new TurnKeeper(writer, clock, timers);
    keeper.onError = onSweepError;
    conversations.onLoaded = writer.onTurn = (conversation) => {
      keeper.arm(conversation);
    };
    defer(() => keeper.stop());
    const calls = new ContextCalls(effects, conversations, writer, keeper, access);
    const membership = new ContextMembership(
      store,
      effects,
      clock,
      random,
      agents,
      conversations,
      writer,
      calls,
      access,
      limits,
    );
    const settings = new ContextSettings(clock, writer, calls, access);
    const speaking = new ContextSpeaking(effects, clock, conversations, writer, calls, access, limits);
    const transcript = new Transcript(store, limits);
    const reading = new ContextReading(store, conversations, access, transcript, signals);
    const retention = new ContextRetention(store, clock, timers, conversations, writer, limits);
    defer(retention.start(onSweepError));
    const contexts = new ContextService(clock, conversations, access, signals, limits);
    const exporting = new ContextExport(store, conversations, access, contexts, limits);
    const erasure = new ContextErasure(store, effects, clock, timers, conversations, writer, access, contexts, limits);

    instruments.gauge('orchestrator_contexts_in_memory', 'Contexts that are in memory.', [], () => [
      { value: conversations.size },
    ]);
    instruments.gauge('orchestrator_context_readers', 'Readers that wait for new entries.', [], () => [
      { value: signals.waiting },
    ]);
    return {
      services: { contexts, timeline: new ContextTimeline(conversations, access, transcript), erasure },
      handlers: {
        contextCreate: (params, call) => membership.create(params, call),
        contextGet: (params, call) => reading.get(params, call),
        contextList: (params, call) => reading.list(params, call),
        contextInvite: (params, call) => membership.invite(params, call),
        contextRemove: (params, call) => membership.remove(params, call),
        contextLeave: (params, call) => membership.leave(params, call),
        contextUpdate: (params, call) => settings.update(params, call),
        contextClose: (params, call) => settings.close(params, call),
        contextAppend: (params, call) => speaking.append(params, call),
        contextPass: (params, call) => speaking.pass(params, call),
        contextSummarize: (params, call) => speaking.summarize(params, call),
        contextRead: (params, call) => reading.read(params, call),
        contextWatch: (params, call) => reading.watch(params, call),
        contextExport: (params, call) => exporting.page(params, call),
        contextErase: (params, call) => erasure.erase(params, call),
      },
    };
  },
});
