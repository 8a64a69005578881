import { inject, injectable } from 'tsyringe';
import type { Principal } from '../permissions/principal.js';
import { ToolCalls } from './calls/tool-calls.js';
import { ToolAccess } from './tool-access.js';
import { ToolCatalogue } from './tool-catalogue.js';
import { ToolRegistry } from './tool-registry.js';
import type {
  ToolCallRequest,
  ToolProvider,
  ToolProviderHandle,
  ToolReply,
  Tools,
  ToolSet,
  VisibleTool,
} from './tools.js';

/** The tools, as plugins and the rest of the core use them. */
@injectable()
export class ToolService implements Tools {
  constructor(
    @inject(ToolRegistry) private readonly registry: ToolRegistry,
    @inject(ToolCatalogue) private readonly catalogue: ToolCatalogue,
    @inject(ToolCalls) private readonly calls: ToolCalls,
    @inject(ToolAccess) private readonly access: ToolAccess,
  ) {}

  get revision(): number {
    return this.catalogue.revision;
  }

  onChanged(listener: () => void): () => void {
    return this.catalogue.onChanged(listener);
  }

  addProvider(provider: ToolProvider): ToolProviderHandle {
    return this.registry.addProvider(provider);
  }

  visible(principal: Principal, view: { readonly set?: string } = {}): readonly VisibleTool[] {
    return this.catalogue.visible(principal, view.set);
  }

  find(
    principal: Principal,
    name: string,
    options?: { readonly version?: string | undefined; readonly set?: string | undefined },
  ): VisibleTool | undefined {
    return this.catalogue.find(principal, name, options);
  }

  search(
    principal: Principal,
    query: string,
    options?: { readonly set?: string; readonly limit?: number },
  ): readonly VisibleTool[] {
    return this.catalogue.search(principal, query, options);
  }

  mayUse(principal: Principal, provider: string): boolean {
    return this.access.mayUse(principal, provider);
  }

  mayCall(principal: Principal, tool: VisibleTool): boolean {
    const { call, capabilities, covered } = this.access.of(principal, tool);
    if (!call || capabilities === 'all') return call;
    const { capabilities: needs = [] } = tool.definition;
    return needs.every((each) => capabilities.has(each) || covered.some((grant) => grant.capabilities.has(each)));
  }

  call(caller: Principal, request: ToolCallRequest): Promise<ToolReply> {
    return this.calls.call(caller, request).then(({ reply }) => reply);
  }

  sets(principal: Principal): readonly ToolSet[] {
    return this.access.sets(principal).map(({ name, description, discovery = 'all' }) => ({
      name,
      discovery,
      ...(description === undefined ? {} : { description }),
    }));
  }
}
