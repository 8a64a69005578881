import type { Authentication, AuthenticationScheme, Clock, Log, Timers } from '@ai-orchestrator/core/plugin';
import { OutboundDoor } from '../outbound/outbound-door.js';
import type { OutboundSettings } from '../outbound/outbound-settings.js';
import { accessLimitsOf, type AccessSettings } from './access-settings.js';
import { IssuerKeys } from './issuer-keys.js';
import { JwtScheme } from './jwt-scheme.js';
import { TokenEnds } from './token-ends.js';

/** What checking access tokens needs. */
export interface AccessServices {
  readonly authentication: Authentication;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

/** The scheme that checks access tokens of configured issuers, and how to end what it does. */
export function openAccess(
  settings: AccessSettings,
  outbound: Required<OutboundSettings>,
  publicUrl: () => string,
  { authentication, clock, timers, log }: AccessServices,
): { readonly scheme: AuthenticationScheme; close(): Promise<void> } {
  const limits = accessLimitsOf(settings);
  const opened = Object.entries(settings.issuers).map(([name, issuer]) => {
    const door = new OutboundDoor(outbound, new URL(issuer.jwksUri ?? issuer.issuer));
    return { door, name, settings: issuer, keys: new IssuerKeys(issuer, door, clock, limits) };
  });
  const ends = new TokenEnds(authentication, clock, limits.tokens);
  const stop = ends.watch(timers);
  return {
    scheme: new JwtScheme(opened, publicUrl, limits, ends, clock, log),
    async close() {
      stop();
      await Promise.all(opened.map(({ door }) => door.close()));
    },
  };
}
