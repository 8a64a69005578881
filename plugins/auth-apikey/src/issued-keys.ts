import { DAEMON } from '@ai-orchestrator/core/plugin';
import type { EventDraft, IssuedKey, KeyHolder, KeyIssuer, Random, Store } from '@ai-orchestrator/core/plugin';
import { events, OrchestratorError } from '@ai-orchestrator/protocol';
import type { KeyRing } from './key-ring.js';
import { newSecret } from './secret.js';
import { keyPath } from './stored-key.js';

/** Issues keys to programs that the daemon runs: never written anywhere, gone when the daemon is; that they were issued is recorded. */
export class IssuedKeys implements KeyIssuer {
  #count = 0;

  /** @param max issued keys at once */
  constructor(
    private readonly store: Pick<Store, 'commit'>,
    private readonly ring: KeyRing,
    private readonly random: Random,
    private readonly max: number,
  ) {}

  async issue(holder: KeyHolder): Promise<IssuedKey> {
    if (this.#count >= this.max) {
      throw new OrchestratorError('limit_exceeded', `${this.max} keys are issued to programs; stop one`, {
        limit: 'plugins.auth-apikey.config.maxIssuedKeys',
      });
    }
    this.#count++;
    const credentialId = `issued-${this.random.uuid()}`;
    const details = { keyId: credentialId, principal: holder.id, roles: [...holder.roles] };
    try {
      // Before the key is good for anything: no effect without a record.
      await this.#record({ action: events.keyCreated.name, resource: keyPath(credentialId), details });
    } catch (error) {
      this.#count--;
      throw error;
    }
    const secret = newSecret(this.random);
    const end = this.ring.issue(secret, { ...holder, roles: [...holder.roles], credentialId });
    let ended: Promise<void> | undefined;
    const revoke = (): Promise<void> => {
      this.#count--;
      // Ended first, whatever becomes of the record: a key that should be gone is not kept for want of a disk.
      end();
      const revoked = { keyId: credentialId };
      return this.#record({ action: events.keyRevoked.name, resource: keyPath(credentialId), details: revoked });
    };
    return { secret, credentialId, revoke: () => (ended ??= revoke()) };
  }

  async #record(event: Omit<EventDraft, 'principal'>): Promise<void> {
    const { committed } = await this.store.commit({ events: [{ ...event, principal: DAEMON.id }] });
    if (!committed) throw new Error('a commit without checks cannot conflict');
  }
}
