import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { inject, injectable } from 'tsyringe';
import { Log } from '../host/log.js';
import { Clock, Random, Timers } from '../host/time.js';
import { Sentinel } from './sentinel.js';
import { SupervisedProgram } from './supervised-program.js';
import { SupervisorOptions } from './supervisor-options.js';
import type { Program, ProgramSpec, Supervisor } from './supervisor.js';

/** Runs the programs of the configuration; none of them outlives the daemon. */
@injectable()
export class ProcessSupervisor implements Supervisor {
  readonly #programs = new Map<string, SupervisedProgram>();
  readonly #sentinel: Sentinel;

  constructor(
    @inject(Clock) private readonly clock: Clock,
    @inject(Timers) private readonly timers: Timers,
    @inject(Random) private readonly random: Random,
    @inject(Log) private readonly log: Log,
    @inject(SupervisorOptions) private readonly options: SupervisorOptions,
  ) {
    if (!/^[a-z0-9]+$/.test(options.identity))
      throw new TypeError('identity is not made of lower-case letters and digits');
    this.#sentinel = new Sentinel(options, timers, log);
  }

  get lastOutputMs(): number {
    return this.options.lastOutputMs;
  }

  start(spec: ProgramSpec): Program {
    const { name, command } = spec;
    const earlier = this.#programs.get(name);
    if (earlier !== undefined) throw new Error(`program "${name}" is there already: program names are unique`);
    if (this.#programs.size >= this.options.programs) {
      throw new Error(`program "${name}" is one too many: there can be ${this.options.programs} programs`);
    }
    refuseUnlessExecutable(name, command);
    const { clock, timers, random, log, options } = this;
    const around = { clock, timers, random, log, options, sentinel: this.#sentinel };
    const program = new SupervisedProgram(spec, around, () => void this.#programs.delete(name));
    this.#programs.set(name, program);
    return program;
  }

  get(name: string): Program | undefined {
    return this.#programs.get(name);
  }

  all(): readonly Program[] {
    return [...this.#programs.values()];
  }

  async stopAll(): Promise<void> {
    // Signalled last started first, waited for together: the slowest sets the time it takes.
    await Promise.all(
      this.all()
        .toReversed()
        .map((program) => program.stop()),
    );
    await this.#sentinel.close();
  }
}

function refuseUnlessExecutable(name: string, command: string): void {
  if (!isAbsolute(command)) {
    throw new Error(`program "${name}": command "${command}" is not an absolute path; find it with "command -v"`);
  }
  try {
    accessSync(command, constants.X_OK);
  } catch (cause) {
    throw new Error(`program "${name}": "${command}" does not exist or is not executable`, { cause });
  }
  if (!statSync(command).isFile()) throw new Error(`program "${name}": "${command}" is not a file`);
}
