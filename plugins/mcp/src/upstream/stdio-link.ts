import type { Program, ProgramLine, ProgramSpec, ProgramView, Supervisor } from '@ai-orchestrator/core/plugin';
import type { Link, LinkOwner } from './link.js';
import { StdioWire, type StdioSurroundings } from './stdio-wire.js';

/** Of a line of stdout that is no message: enough to know it by, for it may be part of an answer. */
const GARBAGE_CHARACTERS = 200;

/** What a child process needs of the daemon. */
export interface StdioLinkSurroundings extends StdioSurroundings {
  readonly supervisor: Supervisor;
}

/** A server that is a child process of ours; core's supervisor starts it, restarts it by intensity, and ends all of it. */
export class StdioLink implements Link {
  readonly kind = 'stdio';
  #program: Program | undefined;
  #owner: LinkOwner | undefined;
  /** Rises with each start and stop. */
  #turn = 0;

  constructor(
    private readonly spec: () => Promise<ProgramSpec>,
    private readonly around: StdioLinkSurroundings,
  ) {}

  get restarts(): number {
    return this.#program?.view().restarts ?? 0;
  }

  async start(owner: LinkOwner): Promise<void> {
    this.#owner = owner;
    const turn = ++this.#turn;
    const spec = await this.spec();
    // Secrets take a moment to be read; nobody would stop what were started now.
    if (turn !== this.#turn) return;
    const program = this.around.supervisor.start(spec);
    this.#program = program;
    program.onChange((view) => this.#changed(program, view, owner));
  }

  fail(why: string): void {
    this.#program?.fail(why).catch((error: unknown) => this.#owner?.down('failed', (error as Error).message));
  }

  async restart(): Promise<void> {
    if (this.#program !== undefined) await this.#program.restart();
    // What kept it from being started at all may have been mended: a missing command, a secret.
    else if (this.#owner !== undefined) await this.start(this.#owner);
  }

  async stop(): Promise<void> {
    this.#turn += 1;
    await this.#program?.remove();
  }

  logs(count: number): readonly ProgramLine[] {
    return this.#program?.lines(count).lines ?? [];
  }

  /** Why it ended the last time is kept while it is started again. */
  #changed(program: Program, { state, exit, reason }: ProgramView, owner: LinkOwner): void {
    const { stdio } = program;
    if (state === 'running' && stdio !== undefined) {
      const garbage = (line: string): void => {
        program.keep(line.slice(0, GARBAGE_CHARACTERS), line.length > GARBAGE_CHARACTERS);
        this.around.garbage(line);
      };
      owner.up((receiver) => new StdioWire(stdio, receiver, { ...this.around, garbage }));
    } else if (state === 'starting' || state === 'running') void owner.down('connecting', undefined);
    else if (state === 'stopping' || state === 'stopped') void owner.down('stopped', undefined);
    else void owner.down(state, reason ?? exit);
  }
}
