import type { MethodDeclaration } from '@ai-orchestrator/protocol';
import type { Handler } from '../plugin/plugin.js';
import { token } from '../plugin/token.js';

/** Which methods there are, and who answers them; the dispatcher reads it, boot fills it. */
export interface MethodRegistry {
  /**
   * Adds a method; its validator is compiled at its first call, or before. Answers how to take it away again.
   *
   * @param owner plugin id, for messages, lag blame and metrics
   * @throws Error naming both owners when the name is taken, and when it begins with `rpc.` but is not ours
   */
  add(declaration: MethodDeclaration, handler: Handler, owner: string): () => void;
  /** Every declaration, by name, in order. */
  declarations(): readonly MethodDeclaration[];
}
/** Token of {@link MethodRegistry}. */
export const MethodRegistry = token<MethodRegistry>('method-registry');
