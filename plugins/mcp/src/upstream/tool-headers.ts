import { headerParams, paramHeaders, type HeaderParams } from './header-params.js';
import type { JsonObject } from './json.js';

type Params = Extract<HeaderParams, { ok: true }>['params'];

/** Which arguments of a modern server's tools are repeated in headers; tools that break the rules of that are left out. */
export class ToolHeaders {
  invalid: readonly { readonly name: string; readonly reason: string }[] = [];
  #params = new Map<string, Params>();

  /** @param isHttp whether there are headers at all; the annotations mean nothing elsewhere */
  constructor(private readonly isHttp: boolean) {}

  /** Whether any tool has such arguments. */
  get any(): boolean {
    return this.#params.size > 0;
  }

  /** Those of the tools that are valid. */
  valid(tools: readonly JsonObject[]): readonly JsonObject[] {
    if (!this.isHttp) return tools;
    const read = tools.map((tool) => ({ tool, name: tool.name as string, headers: headerParams(tool.inputSchema) }));
    this.#params = new Map(
      read.flatMap(({ name, headers }) => (headers.ok && headers.params.length > 0 ? [[name, headers.params]] : [])),
    );
    this.invalid = read.flatMap(({ name, headers }) => (headers.ok ? [] : [{ name, reason: headers.reason }]));
    return read.flatMap(({ tool, headers }) => (headers.ok ? [tool] : []));
  }

  of(tool: string, given: JsonObject): Readonly<Record<string, string>> {
    const params = this.#params.get(tool);
    return params === undefined ? {} : paramHeaders(params, given);
  }
}
