import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { HandlerParamsOf, ResultOf, toolMethods } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import type { Call } from '../rpc/call.js';
import { ToolCatalogue } from './tool-catalogue.js';
import { ToolLimits } from './tool-limits.js';
import { afterCursor, cursorAt } from './tool-pages.js';
import type { VisibleTool } from './tools.js';

type Params<M extends keyof typeof toolMethods> = HandlerParamsOf<(typeof toolMethods)[M]>;
type Result<M extends keyof typeof toolMethods> = ResultOf<(typeof toolMethods)[M]>;

const DEFAULT_LIMIT = 100;

/** Answers which tools there are; what the caller may not see is not there. */
@injectable()
export class ToolListing {
  constructor(
    @inject(ToolCatalogue) private readonly catalogue: ToolCatalogue,
    @inject(ToolLimits) private readonly limits: ToolLimits,
  ) {}

  /** In order of name; a page ends once its definitions have `pageBytes` characters. */
  list(
    { set, provider, labels = {}, limit = DEFAULT_LIMIT, cursor }: Params<'toolList'>,
    call: Call,
  ): Result<'toolList'> {
    const wanted = this.catalogue
      .visible(call.principal, set)
      .filter(
        (tool) =>
          (provider === undefined || tool.provider === provider) &&
          Object.entries(labels).every(([name, value]) => tool.definition.labels?.[name] === value),
      );
    const from = cursor === undefined ? wanted : afterCursor(wanted, cursor, nameOf);
    const page: VisibleTool[] = [];
    let characters = 0;
    for (const tool of from) {
      characters += JSON.stringify(tool.definition).length;
      if (page.length > 0 && (page.length === limit || characters > this.limits.pageBytes)) break;
      page.push(tool);
    }
    const last = page.at(-1);
    const entries = page.map(toolView);
    return last === undefined || page.length === from.length
      ? { entries }
      : { entries, cursor: cursorAt(nameOf(last)) };
  }

  /** @throws OrchestratorError `not_found` also when the caller may not see it */
  get({ name, version, set }: Params<'toolGet'>, { principal }: Call): Result<'toolGet'> {
    const tool = this.catalogue.find(principal, name, {
      ...(version === undefined ? {} : { version }),
      ...(set === undefined ? {} : { set }),
    });
    if (tool === undefined) {
      throw new OrchestratorError(
        'not_found',
        `there is no tool ${name}${version === undefined ? '' : ` ${version}`}`,
        {
          resource: `tool/${name}`,
        },
      );
    }
    const versions = this.catalogue.versions(principal, name, set).map((each) => each.definition.version);
    return { ...toolView(tool), versions };
  }

  search({ query, set, limit }: Params<'toolSearch'>, { principal }: Call): Result<'toolSearch'> {
    const found = this.catalogue.search(principal, query, {
      ...(set === undefined ? {} : { set }),
      ...(limit === undefined ? {} : { limit }),
    });
    return {
      entries: found.map(({ definition: { name, version, title, description }, provider }) => ({
        name,
        version,
        provider,
        ...(title === undefined ? {} : { title }),
        ...(description === undefined ? {} : { description }),
      })),
    };
  }
}

function nameOf({ definition }: VisibleTool): string {
  return definition.name;
}

/** A tool as callers get it. */
function toolView({ definition, hash, provider, deprecated }: VisibleTool): Result<'toolList'>['entries'][number] {
  return {
    ...(definition as Result<'toolList'>['entries'][number]),
    hash,
    provider,
    ...(deprecated === undefined ? {} : { deprecated }),
  };
}
