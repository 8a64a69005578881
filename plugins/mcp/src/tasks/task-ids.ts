import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Principal, Random } from '@ai-orchestrator/core/plugin';
import { isObject } from '../upstream/json.js';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Sets our ids for tasks of servers apart from those of our own tasks. */
const MARK = 't.';

/** A server's task. */
export interface ServerTask {
  /** Id of the server. */
  readonly server: string;
  /** As the server calls it. */
  readonly taskId: string;
  /** The tool whose call became it, as we call it. */
  readonly tool: string;
}

/**
 * Ids of servers' tasks as clients have them: encrypted and authenticated, so that a client reads nothing of a server's id and can present
 * one only as the principal that it was given to. The key outlives the process, since tasks do.
 */
export class TaskIds {
  #key: Promise<Buffer> | undefined;

  /** @param loadKey of 32 bytes, asked for when there is the first id */
  constructor(
    private readonly loadKey: () => Promise<Buffer>,
    private readonly random: Random,
  ) {}

  async seal(principal: Principal, task: ServerTask): Promise<string> {
    const nonce = this.random.bytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, await this.#loaded(), nonce).setAAD(boundTo(principal));
    const text = cipher.update(JSON.stringify(task), 'utf8');
    return MARK + Buffer.concat([nonce, text, cipher.final(), cipher.getAuthTag()]).toString('base64url');
  }

  /** The task; `undefined` when the id is none that the principal was given. */
  async open(principal: Principal, id: string): Promise<ServerTask | undefined> {
    const bytes = Buffer.from(id.slice(MARK.length), 'base64url');
    if (!id.startsWith(MARK) || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv(ALGORITHM, await this.#loaded(), bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(boundTo(principal)).setAuthTag(bytes.subarray(-TAG_BYTES));
    let opened: unknown;
    try {
      const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      opened = JSON.parse(text.toString('utf8'));
    } catch {
      // Not sealed by us, or not for this principal: to whoever asks it is an id like any that was made up.
      return undefined;
    }
    if (!isObject(opened)) return undefined;
    const { server, taskId, tool } = opened;
    if (typeof server !== 'string' || typeof taskId !== 'string' || typeof tool !== 'string') return undefined;
    return { server, taskId, tool };
  }

  /** A key that could not be read is asked for again. */
  async #loaded(): Promise<Buffer> {
    this.#key ??= this.loadKey();
    try {
      return await this.#key;
    } catch (error) {
      this.#key = undefined;
      throw error;
    }
  }
}

function boundTo({ id }: Principal): Buffer {
  return Buffer.from(JSON.stringify(['mcp task', id]));
}
