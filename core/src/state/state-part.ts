import { events, HybridClock, stateMethods } from '@ai-orchestrator/protocol';
import type { AgentRegistry } from '../agents/agent-registry.js';
import type { Contexts } from '../contexts/contexts.js';
import { corePart } from '../core-part.js';
import type { Effects } from '../store/effects.js';
import { GatheredRecords } from '../store/gathered-records.js';
import type { Journal } from '../store/journal.js';
import { contextDocument, DocumentAccess } from './document-access.js';
import { Documents } from './documents.js';
import { StateErasure } from './state-erasure.js';
import { stateHandlers } from './state-handlers.js';
import { STATE_LIMITS } from './state-limits.js';
import { StateMeters } from './state-meters.js';
import { StateReads } from './state-reads.js';
import { StateWatching } from './state-watching.js';
import { StateWrites } from './state-writes.js';

const REFUSALS = { kinds: 100, intervalMs: 1000 };

/** Documents of fields, each with its rule for writes that did not know of each other. */
export const statePart = corePart({
  methods: {
    stateGet: stateMethods.stateGet,
    statePut: stateMethods.statePut,
    statePatch: stateMethods.statePatch,
    stateSync: stateMethods.stateSync,
    stateDefine: stateMethods.stateDefine,
    stateResolve: stateMethods.stateResolve,
    stateList: stateMethods.stateList,
    stateHistory: stateMethods.stateHistory,
    stateWatch: stateMethods.stateWatch,
  },
  events: {
    stateWritten: events.stateWritten,
    stateConflicted: events.stateConflicted,
    stateSynchronized: events.stateSynchronized,
    stateResolved: events.stateResolved,
    stateDefined: events.stateDefined,
    stateRefused: events.stateRefused,
  },
  start(
    { store, clock, timers, random, authorizer, instruments, limits, log, defer },
    {
      effects,
      journal,
      registry,
      contexts,
    }: {
      readonly effects: Effects;
      readonly journal: Journal;
      readonly registry: AgentRegistry;
      readonly contexts: Contexts;
    },
  ) {
    const stateLimits = { ...STATE_LIMITS, ...limits.state };
    const documents = new Documents(store, registry.schemas, stateLimits);
    defer(() => documents.idle());
    const unrecorded = instruments
      .counter('orchestrator_state_refusals_unrecorded_total', 'Refused writes past the bound on records.')
      .with();
    const refusals = new GatheredRecords(journal, REFUSALS, unrecorded, timers, log);
    defer(() => refusals.close());
    const hybrid = new HybridClock(random.bytes(8).toString('hex'), () => clock.now(), stateLimits.clockAheadMs);
    const meters = new StateMeters(instruments, documents);
    const writes = new StateWrites(documents, effects, hybrid, meters, refusals);
    const access = new DocumentAccess(registry.directory, contexts, authorizer);
    defer(contexts.addErasureSource(new StateErasure(documents, store)));
    const reads = new StateReads(documents, store);
    defer(contexts.addExportSource({ line: (contextId) => reads.exported(contextDocument(contextId)) }));
    const watching = new StateWatching(documents, store, access, stateLimits.watchBytes);
    return {
      services: { documents },
      handlers: stateHandlers(documents, reads, writes, watching, access, stateLimits),
    };
  },
});
