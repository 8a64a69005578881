import { events, journalMethods } from '@ai-orchestrator/protocol';
import { corePart } from '../core-part.js';
import { journalHandlers } from './journal-handlers.js';
import { JournalView } from './journal-view.js';
import { EFFECT_LIMITS, StoredEffects } from './stored-effects.js';

/** The journal, and effects that happen once; every other part writes through them. */
export const storePart = corePart({
  methods: { journalRead: journalMethods.journalRead, journalSubscribe: journalMethods.journalSubscribe },
  events: { permissionDenied: events.permissionDenied },
  async start({ store, clock, timers, limits, defer, onSweepError }) {
    const journal = new JournalView(store);
    const effects = new StoredEffects(store, clock, timers, { ...EFFECT_LIMITS, ...limits.effects });
    defer(await effects.start(onSweepError));
    return { services: { journal, effects }, handlers: journalHandlers(journal) };
  },
});
