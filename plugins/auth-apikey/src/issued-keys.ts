import type { IssuedKey, KeyHolder, KeyIssuer, Random } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { KeyRing } from './key-ring.js';
import { newSecret } from './secret.js';

/** Issues keys to programs that the daemon runs: never written anywhere, gone when the daemon is. */
export class IssuedKeys implements KeyIssuer {
  #count = 0;

  /** @param max issued keys at once */
  constructor(
    private readonly ring: KeyRing,
    private readonly random: Random,
    private readonly max: number,
  ) {}

  issue(holder: KeyHolder): IssuedKey {
    if (this.#count >= this.max) {
      throw new OrchestratorError('limit_exceeded', `${this.max} keys are issued to programs; stop one`, {
        limit: 'plugins.auth-apikey.config.maxIssuedKeys',
      });
    }
    const secret = newSecret(this.random);
    const credentialId = `issued-${this.random.uuid()}`;
    const end = this.ring.issue(secret, { ...holder, roles: [...holder.roles], credentialId });
    this.#count++;
    let ended = false;
    const revoke = () => {
      if (ended) return;
      ended = true;
      this.#count--;
      end();
    };
    return { secret, credentialId, revoke };
  }
}
