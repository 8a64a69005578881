import type { Command } from 'commander';

/** Whose document a command is about, beside its id. */
export interface DocumentOptions {
  readonly context?: boolean;
}

/** Params of a method about a document. */
export type DocumentRef = { readonly agentId: string } | { readonly contextId: string };

/** Adds the argument and the option that say whose document is meant. */
export function documentArgument(command: Command): Command {
  return command
    .argument('<id>', 'id of the agent, or with --context of the context')
    .option('--context', 'of a context');
}

/** The document that is meant. */
export function documentRef(id: string, { context = false }: DocumentOptions): DocumentRef {
  return context ? { contextId: id } : { agentId: id };
}
