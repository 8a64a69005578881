import {
  DAEMON,
  type Counter,
  type IssuedKey,
  type Journal,
  type KeyIssuer,
  type Labeled,
  type Log,
  type Program,
  type ProgramView,
  type Supervisor,
} from '@ai-orchestrator/core/plugin';
import { OrchestratorError, type Role } from '@ai-orchestrator/protocol';
import type { Config } from './config/schema.js';
import { isSecretReference, resolveSecret } from './config/secret.js';

type ProgramConfig = Config['programs'][string];

/** What running programs needs of the daemon. */
export interface ProgramSurroundings {
  readonly keys: KeyIssuer;
  /** Counts restarts by the name of the program. */
  readonly restarts: Labeled<Counter>;
  readonly journal: Journal;
  readonly log: Log;
  readonly env: NodeJS.ProcessEnv;
  readonly dataDirectory: string;
  /** WebSocket URL of this daemon. */
  readonly url: string;
}

/** The programs of the configuration, each with a key of its own that ends with it. */
export class Programs {
  readonly #keys: IssuedKey[] = [];
  /** Those of the configuration; plugins have programs of their own at the same supervisor. */
  readonly #programs = new Map<string, Program>();
  readonly #unstartable = new Map<string, ProgramView>();

  constructor(private readonly supervisor: Supervisor) {}

  /** Starts all; one that cannot start is a state with its reason, and the others start. */
  async start(programs: Config['programs'], around: ProgramSurroundings): Promise<void> {
    for (const [name, config] of Object.entries(programs)) {
      try {
        await this.#start(name, config, around);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        around.log.error({ err: error, program: name }, 'a program of the configuration cannot start');
        this.#unstartable.set(name, { name, state: 'failed', restarts: 0, reason });
        record({ name, state: 'failed', restarts: 0, reason }, around);
      }
    }
  }

  /** Every program of the configuration. */
  views(): readonly ProgramView[] {
    return [...[...this.#programs.values()].map((program) => program.view()), ...this.#unstartable.values()];
  }

  /** @throws OrchestratorError `not_found` */
  find(name: string): Program {
    const program = this.#programs.get(name);
    if (program !== undefined) return program;
    const reason = this.#unstartable.get(name)?.reason ?? 'the configuration has no program of this name';
    throw new OrchestratorError('not_found', reason, { resource: `program/${name}` });
  }

  /** Stops all and ends their keys. @throws why the end of a key cannot be recorded; it has ended all the same */
  async stop(): Promise<void> {
    await this.supervisor.stopAll();
    await Promise.all(this.#keys.splice(0).map((key) => key.revoke()));
  }

  async #start(name: string, config: ProgramConfig, around: ProgramSurroundings): Promise<void> {
    const { keys, env: daemonEnv, dataDirectory, url } = around;
    const env: Record<string, string> = {};
    for (const [variable, value] of Object.entries(config.env)) {
      env[variable] = isSecretReference(value) ? await resolveSecret(value, daemonEnv) : value;
    }
    // The principal stays the same over restarts, so that the agents that it registers stay its own.
    const key = await keys.issue({ id: `program/${name}`, kind: 'agent', roles: config.roles as readonly Role[] });
    this.#keys.push(key);
    const program = this.supervisor.start({
      name,
      command: config.command,
      args: config.args,
      env: { ...env, ORCHESTRATOR_URL: url, ORCHESTRATOR_TOKEN: key.secret },
      workingDirectory: config.workingDirectory ?? dataDirectory,
      stdio: 'lines',
      restart: config.restart,
      stopTimeoutMs: config.stopTimeoutMs,
    });
    this.#programs.set(name, program);
    let restarts = 0;
    program.onChange((view) => {
      if (view.restarts > restarts) around.restarts.with(name).add(view.restarts - restarts);
      restarts = view.restarts;
      record(view, around);
    });
  }
}

function record({ name, state, reason, exit }: ProgramView, { journal, log }: ProgramSurroundings): void {
  // The end of what it printed is in a reason's further lines; the journal holds no contents.
  const why = (exit ?? reason)?.split('\n', 1)[0];
  const details = { name, state, ...(why === undefined ? {} : { reason: why }) };
  const outcome = state === 'failed' ? 'failure' : 'success';
  journal
    .append([{ action: 'program.changed', resource: `program/${name}`, principal: DAEMON.id, outcome, details }])
    .catch((error: unknown) => log.error({ err: error, program: name }, 'a change was not recorded'));
}
