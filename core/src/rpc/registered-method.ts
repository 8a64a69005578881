import type { MethodDeclaration } from '@ai-orchestrator/protocol';
import type { Handler } from '../plugin/plugin.js';
import type { CallContext } from './call-context.js';
import { invalidParams, paramsReader, type ParamsReader } from './read-params.js';
import type { MethodMeter } from './rpc-meters.js';
import type { Scanner } from './scan.js';
import { compileSchema, type Validate } from './validate.js';

/** A method that is answered here: its declaration, its handler and what was prepared for its calls. */
export class RegisteredMethod {
  readonly #reader: ParamsReader;
  #validate: Validate | undefined;

  constructor(
    readonly declaration: MethodDeclaration,
    readonly handler: Handler,
    /** The plugin that answers it. */
    readonly owner: string,
    readonly meter: MethodMeter,
    private readonly maxIssues: number,
  ) {
    this.#reader = paramsReader(declaration);
  }

  /** Compiles its validator unless that was done; some milliseconds. */
  compile(): Validate {
    return (this.#validate ??= compileSchema(this.#reader.schema, this.maxIssues));
  }

  /**
   * Gives a call its params, checked and with their defaults, and the bytes of the relayed member.
   *
   * @throws OrchestratorError `invalid_params`
   */
  read(frame: Buffer, scan: Scanner, call: CallContext): void {
    const params = this.#reader.parse(frame, scan);
    const issues = (this.#validate ?? this.compile())(params);
    if (issues !== undefined) throw invalidParams(issues);
    call.params = params;
    call.relayed = this.#reader.relayed(frame, scan);
  }
}
