import type { Secrets } from '@ai-orchestrator/core/plugin';
import type { AuthorizationChange, Refusal, UpstreamAuthorization } from '../oauth/upstream-authorization.js';
import { JoinedFields } from './joined-fields.js';
import { isReference } from './server-config.js';

type Fields = Readonly<Record<string, string>>;

/** Header fields of the configuration beside another authorization; secrets are read when first needed, and again when refused. */
export class StaticCredentials implements UpstreamAuthorization {
  #read: Fields | undefined;
  readonly #joined = new JoinedFields();

  constructor(
    private readonly configured: Fields,
    private readonly secrets: Secrets,
    private readonly other: UpstreamAuthorization,
  ) {}

  headers(): Fields | Promise<Fields> {
    const others = this.other.headers();
    if (this.#read !== undefined && !(others instanceof Promise)) return this.#joined.of(this.#read, others);
    return this.#both(others);
  }

  async challenged(refusal: Refusal): Promise<'retry' | 'needs-authorization'> {
    const before = JSON.stringify(this.#read);
    return JSON.stringify(await this.#resolve()) === before ? this.other.challenged(refusal) : 'retry';
  }

  onChanged(listener: (change: AuthorizationChange) => void): () => void {
    return this.other.onChanged(listener);
  }

  async #both(others: Fields | Promise<Fields>): Promise<Fields> {
    return { ...(this.#read ?? (await this.#resolve())), ...(await others) };
  }

  async #resolve(): Promise<Fields> {
    const fields: Record<string, string> = {};
    for (const [name, value] of Object.entries(this.configured)) {
      // In the case of ours, so that a field is sent once.
      fields[name.toLowerCase()] = isReference(value) ? await this.secrets.read(value) : value;
    }
    this.#read = fields;
    return fields;
  }
}
