import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Issue } from '@ai-orchestrator/protocol';
import type { Principal } from '../../permissions/principal.js';
import type { ToolAccess, ToolUse } from '../tool-access.js';
import type { JsonObject, VisibleTool } from '../tools.js';
import type { ToolSchemas } from './tool-schemas.js';

/** Why a call was refused. */
export interface Denial {
  readonly reason: 'not_callable' | 'arguments' | 'capability' | 'not_approved';
  /** Capabilities that the caller was not given. */
  readonly missing?: readonly string[];
}

/** A refusal, and the error that tells it. */
export interface Refusal {
  readonly denial: Denial;
  readonly error: OrchestratorError;
}

/** What a call lacks of what its caller was given. */
interface Lacking {
  readonly issues: readonly Issue[] | undefined;
  readonly missing: readonly string[];
}

/** Who may call what, with what, and whether they were given what it takes. */
export class CallPermits {
  constructor(
    private readonly access: Pick<ToolAccess, 'of'>,
    private readonly schemas: ToolSchemas,
  ) {}

  /** Why a call of a tool that the caller sees is refused; `undefined` when it is not. */
  refusal(caller: Principal, tool: VisibleTool, args: JsonObject): Refusal | undefined {
    const use = this.access.of(caller, tool);
    const { name, capabilities = [] } = tool.definition;
    const denied = { permission: 'tool:call', resource: `tool/${name}` };
    if (!use.call) {
      const error = new OrchestratorError('permission_denied', `you may see ${name}, not call it`, denied);
      return { denial: { reason: 'not_callable' }, error };
    }
    const { issues, missing } = this.#lacking(use, capabilities, args);
    if (issues !== undefined) {
      const detail = `you may not call ${name} with these arguments`;
      return {
        denial: { reason: 'arguments' },
        error: new OrchestratorError('permission_denied', detail, { ...denied, issues }),
      };
    }
    if (missing.length === 0) return undefined;
    const detail = `${name} needs ${missing.join(', ')}`;
    return {
      denial: { reason: 'capability', missing },
      error: new OrchestratorError('capability_missing', detail, { ...denied, missing }),
    };
  }

  /**
   * What of the arguments no grant covers, or a rule forbids, and which capabilities no grant gives that covers them; a constraint that
   * cannot be checked covers nothing.
   */
  #lacking(
    { capabilities, anyArguments, covered, noneOf }: ToolUse,
    needs: readonly string[],
    args: JsonObject,
  ): Lacking {
    const forbidden = noneOf.some((schema) => {
      const check = this.schemas.compile(schema);
      return check?.(args) === undefined;
    });
    if (forbidden) return { issues: [{ path: '/arguments', message: 'are forbidden' }], missing: [] };
    let missing = capabilities === 'all' ? [] : needs.filter((each) => !capabilities.has(each));
    let isCovered = anyArguments;
    let issues: readonly Issue[] = [{ path: '', message: 'are covered by no grant' }];
    for (const grant of covered) {
      if (isCovered && missing.length === 0) break;
      const check = this.schemas.compile(grant.schema);
      if (check === undefined) continue;
      const found = check(args);
      if (found !== undefined) issues = found;
      else {
        isCovered = true;
        missing = missing.filter((each) => !grant.capabilities.has(each));
      }
    }
    if (isCovered) return { issues: undefined, missing };
    return { issues: issues.map(({ path, message }) => ({ path: `/arguments${path}`, message })), missing };
  }
}
