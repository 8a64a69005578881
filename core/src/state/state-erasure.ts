import type { ErasedItems, ErasureSource } from '../contexts/contexts.js';
import type { Store } from '../store/store.js';
import { contextDocument } from './document-access.js';
import { isField } from './document-keys.js';
import type { Documents } from './documents.js';

const AT_ONCE = 100;

/** Erases the document of a context: fields, history, definitions, what replicas are remembered by. */
export class StateErasure implements ErasureSource {
  readonly kind = 'state';

  constructor(
    private readonly documents: Documents,
    private readonly store: Store,
  ) {}

  async erase(contextId: string): Promise<ErasedItems> {
    const document = contextDocument(contextId);
    // Nothing is written to it once its context takes no writes, so what is on its way is the last.
    await this.documents.settled(document);
    let items = 0;
    let bytes = 0;
    let keys: string[] = [];
    const erasePage = async (): Promise<void> => {
      for (const found of await this.store.getTexts(keys))
        bytes += found === undefined ? 0 : Buffer.byteLength(found.text);
      await this.store.commit({ deletes: keys });
      items += keys.filter((key) => isField(document, key)).length;
      keys = [];
    };
    for await (const key of this.documents.keysOf(document)) if (keys.push(key) === AT_ONCE) await erasePage();
    await erasePage();
    this.documents.forget(document);
    return { items, bytes };
  }
}
