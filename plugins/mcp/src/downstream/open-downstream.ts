import type { Authentication, Http, HttpExchange } from '@ai-orchestrator/core/plugin';
import { Endpoint } from './endpoint.js';
import { Gateway, type DownstreamStatus, type GatewayServices } from './gateway.js';
import type { DownstreamLimits } from './limits.js';

/** What the endpoint is opened over. */
export interface DownstreamServices extends GatewayServices {
  readonly http: Http;
  readonly authentication: Authentication;
}

/** The gateway's side towards clients. */
export interface Downstream {
  answer(exchange: HttpExchange): Promise<void> | void;
  status(): DownstreamStatus;
  close(): void;
}

/** Opens the gateway over its services; it answers what is mounted at `/mcp` and `/mcp/`. */
export function openDownstream(services: DownstreamServices, limits: DownstreamLimits): Downstream {
  const gateway = new Gateway(services, limits);
  const { authentication, http, timers } = services;
  const revoked = authentication.onRevoked((credentialId) => {
    gateway.sessions.endOf(credentialId);
    gateway.listeners.end(credentialId);
  });
  const drained = http.onDrain(() => gateway.drain());
  const alive = timers.every(limits.keepAliveMs, () => {
    gateway.streams.quiet.keepAlive();
  });
  const endpoint = new Endpoint(gateway);
  return {
    answer: (exchange) => endpoint.answer(exchange),
    status: () => gateway.status(),
    close() {
      revoked();
      drained();
      alive.cancel();
      gateway.close();
    },
  };
}
