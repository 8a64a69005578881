import { OrchestratorError, type Issue, type MethodDeclaration } from '@ai-orchestrator/protocol';
import type { TSchema } from 'typebox';
import { equalBytes } from './bytes.js';
import { MEMBER, type Scanner } from './scan.js';

const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const COMMA = 0x2c;

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly required?: readonly string[];
}

/** How a method's params are read out of a frame. */
export interface ParamsReader {
  /** The schema of what is parsed: without the relayed member. */
  readonly schema: TSchema;
  /** The params by name. @throws OrchestratorError `invalid_params` */
  parse(frame: Buffer, scan: Scanner): unknown;
  /** The bytes of the relayed member. */
  relayed(frame: Buffer, scan: Scanner): Uint8Array | undefined;
}

/** The error that names what is wrong with params. */
export function invalidParams(issues: readonly Issue[]): OrchestratorError {
  const first = issues[0];
  const detail = first === undefined ? undefined : `${first.path === '' ? 'params' : first.path} ${first.message}`;
  return new OrchestratorError('invalid_params', detail, { issues });
}

/** Reads a method's params, by name or by position [JSON-RPC 2.0 §4.2]; one with a relayed member takes them by name only. */
export function paramsReader(method: MethodDeclaration): ParamsReader {
  return method.relayed === undefined ? parsedParams(method) : relayingParams(method, method.relayed);
}

function parsedParams(method: MethodDeclaration): ParamsReader {
  const names = Object.keys((method.params as ObjectSchema).properties ?? {});
  return {
    schema: method.params,
    parse(frame, scan) {
      const from = scan.from[MEMBER.params] as number;
      if (from < 0) return {};
      const params: unknown = JSON.parse(frame.toString('utf8', from, scan.to[MEMBER.params]));
      return Array.isArray(params) ? byName(names, params) : params;
    },
    relayed: () => undefined,
  };
}

function byName(names: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  if (values.length > names.length) {
    throw invalidParams([{ path: '', message: `takes at most ${names.length} values by position` }]);
  }
  return Object.fromEntries(values.map((value, i) => [names[i] as string, value]));
}

function relayingParams(method: MethodDeclaration, member: string): ParamsReader {
  const { properties = {}, required = [] } = method.params as ObjectSchema;
  const others = Object.fromEntries(Object.entries(properties).filter(([name]) => name !== member));
  const schema = {
    ...method.params,
    properties: others,
    required: required.filter((name) => name !== member),
  } as TSchema;
  const isRequired = required.includes(member);
  const name = Buffer.from(member);

  /** Its place among the kept members of params; -1 when it is not there. Twice is refused: two readers could take different ones. */
  const place = (frame: Buffer, scan: Scanner): number => {
    let found = -1;
    const end = Math.min(scan.paramCount * 4, scan.params.length);
    for (let at = 0; at < end; at += 4) {
      const from = scan.params[at] as number;
      const to = scan.params[at + 1] as number;
      if (!equalBytes(frame, from, to, name)) continue;
      if (found >= 0) throw invalidParams([{ path: `/${member}`, message: 'is there twice' }]);
      found = at;
    }
    return found;
  };

  return {
    schema,
    parse(frame, scan) {
      const from = scan.from[MEMBER.params] as number;
      const to = scan.to[MEMBER.params] as number;
      if (from >= 0 && frame[from] === OPEN_BRACKET) {
        throw invalidParams([{ path: '', message: 'must be given by name' }]);
      }
      const at = from < 0 ? -1 : place(frame, scan);
      if (at < 0) {
        if (isRequired) throw invalidParams([{ path: `/${member}`, message: 'is required' }]);
        return from < 0 ? {} : (JSON.parse(frame.toString('utf8', from, to)) as unknown);
      }
      // Cut out from its opening quote to the end of its value, with the comma that follows or went before it.
      let cutFrom = (scan.params[at] as number) - 1;
      let cutTo = scan.params[at + 3] as number;
      while (isSpace(frame[cutTo])) cutTo++;
      if (frame[cutTo] === COMMA) cutTo++;
      else {
        while (isSpace(frame[cutFrom - 1])) cutFrom--;
        if (frame[cutFrom - 1] !== OPEN_BRACE) cutFrom--;
      }
      // Mostly it is the last member, and only the closing brace is left.
      const rest = cutTo === to - 1 ? '}' : frame.toString('utf8', cutTo, to);
      return JSON.parse(frame.toString('utf8', from, cutFrom) + rest) as unknown;
    },
    relayed(frame, scan) {
      const at = scan.has(MEMBER.params) ? place(frame, scan) : -1;
      return at < 0 ? undefined : frame.subarray(scan.params[at + 2], scan.params[at + 3]);
    },
  };
}

function isSpace(c: number | undefined): boolean {
  return c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09;
}
