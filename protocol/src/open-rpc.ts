import { ERRORS, type ErrorRow } from './error.js';
import type { MethodDeclaration } from './method.js';

/** The JSON Schema of an object, as far as this file reads it. */
interface ObjectSchema {
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
}

/** A call and its answer, shown beside a method; without a result for a notification. */
export interface MethodExample {
  /** Unique in its method, kebab-case. */
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
}

/** A content descriptor [OpenRPC 1.3.2 §Content Descriptor Object]. */
export interface OpenRpcContent {
  readonly name: string;
  readonly description?: string;
  readonly required?: boolean;
  readonly schema: object;
}

/** One method of an {@link OpenRpcDocument}; members that begin with `x-` are ours. */
export interface OpenRpcMethod {
  readonly name: string;
  readonly summary: string;
  readonly paramStructure: 'by-name';
  readonly params: readonly OpenRpcContent[];
  /** Missing for a notification. */
  readonly result?: OpenRpcContent;
  readonly errors?: readonly { readonly $ref: string }[];
  readonly examples?: readonly object[];
  readonly 'x-permission': string;
  readonly 'x-answered-by': string;
  readonly 'x-effect': boolean;
}

/** What `rpc.discover` answers [OpenRPC 1.3.2]. */
export interface OpenRpcDocument {
  readonly openrpc: '1.3.2';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly name: string; readonly url: string }[];
  readonly methods: readonly OpenRpcMethod[];
  readonly components: { readonly errors: Readonly<Record<string, object>> };
}

function describeError(name: string, row: ErrorRow): object {
  return { code: row.code, message: row.text, data: { name, retryable: row.retryable, hint: row.hint } };
}

function describeParams(declaration: MethodDeclaration): OpenRpcContent[] {
  const { properties = {}, required = [] } = declaration.params as ObjectSchema;
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    ...(schema.description === undefined ? {} : { description: schema.description }),
    required: required.includes(name),
    schema,
  }));
}

function pairExample({ name, params, result }: MethodExample): object {
  return {
    name,
    params: Object.entries(params).map(([param, value]) => ({ name: param, value })),
    ...(result === undefined ? {} : { result: { name: 'result', value: result } }),
  };
}

function describeMethod(declaration: MethodDeclaration, examples: readonly MethodExample[]): OpenRpcMethod {
  const { name, summary, errors, notification, permission, answeredBy, effect } = declaration;
  return {
    name,
    summary,
    paramStructure: 'by-name',
    params: describeParams(declaration),
    ...(notification ? {} : { result: { name: 'result', schema: declaration.result } }),
    ...(errors.length === 0 ? {} : { errors: errors.map((error) => ({ $ref: `#/components/errors/${error}` })) }),
    ...(examples.length === 0 ? {} : { examples: examples.map(pairExample) }),
    'x-permission': permission,
    'x-answered-by': answeredBy,
    'x-effect': effect,
  };
}

/**
 * Describes methods as an OpenRPC 1.3.2 document: in order of their names, the same text for the same input.
 *
 * @param declarations the protocol's methods, and those of plugins
 * @param version semantic version of whoever answers the methods
 * @param examples by method name; none unless said
 */
export function openRpcDocument(
  declarations: Iterable<MethodDeclaration>,
  version: string,
  examples: Readonly<Record<string, readonly MethodExample[]>> = {},
): OpenRpcDocument {
  const ordered = [...declarations].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    openrpc: '1.3.2',
    info: {
      title: 'AI Orchestrator',
      version,
      description: 'JSON-RPC 2.0 over WebSocket; one message a text frame, both sides call.',
    },
    servers: [{ name: 'local', url: 'ws://127.0.0.1:7420/rpc' }],
    methods: ordered.map((declaration) => describeMethod(declaration, examples[declaration.name] ?? [])),
    components: {
      errors: Object.fromEntries(Object.entries(ERRORS).map(([name, row]) => [name, describeError(name, row)])),
    },
  };
}
