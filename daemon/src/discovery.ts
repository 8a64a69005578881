import { RelayedJson } from '@ai-orchestrator/core/plugin';
import { openRpcDocument, type MethodDeclaration } from '@ai-orchestrator/protocol';

/**
 * Answers the OpenRPC document, written anew only when the methods have changed: anyone may ask for it, also before a login, and writing
 * it takes as long as thousands of ordinary calls.
 */
export function discovery(version: string): (declarations: readonly MethodDeclaration[]) => RelayedJson {
  let known: readonly MethodDeclaration[] = [];
  let document = new RelayedJson(Buffer.alloc(0));
  return (declarations) => {
    const same = declarations.length === known.length && declarations.every((method, i) => method === known[i]);
    if (!same) {
      known = declarations;
      document = new RelayedJson(Buffer.from(JSON.stringify(openRpcDocument(declarations, version))));
    }
    return document;
  };
}
