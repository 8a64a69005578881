import { daemonMethods, sessionMethods } from '@ai-orchestrator/protocol';
import { corePart } from '../core-part.js';
import { sessionHandlers } from './session-handlers.js';

/** The connections, as those who hold them and the operator see them. */
export const sessionPart = corePart({
  methods: {
    sessionGet: sessionMethods.sessionGet,
    sessionList: sessionMethods.sessionList,
    subscriptionCancel: sessionMethods.subscriptionCancel,
    daemonPing: daemonMethods.daemonPing,
  },
  events: {},
  start({ sessions, identity }) {
    return { services: {}, handlers: sessionHandlers(sessions, identity) };
  },
});
