import type { JsonObject } from '../upstream/json.js';
import type { Era } from '../upstream/upstream.js';
import type { Catalogue } from './catalogue.js';
import { textOf } from './members.js';
import type { View } from './operation.js';
import { pageOf, type Page } from './page.js';
import { toolPage } from './tool-listing.js';

type Lister = (view: View, era: Era, params: JsonObject) => { readonly name: string; readonly page: Page };

/** The listings: their method, the member of the result that has the elements, and what is in it. */
export class Listings {
  readonly #listers: ReadonlyMap<string, Lister>;

  /** @param pageSize elements of a page */
  constructor(catalogue: Catalogue, pageSize: number) {
    const objects =
      (name: string, key: string, all: (view: View) => readonly JsonObject[]): Lister =>
      (view, _era, { cursor }) => ({
        name,
        page: pageOf(all(view), (one) => textOf(one[key]), JSON.stringify, pageSize, cursor),
      });
    this.#listers = new Map<string, Lister>([
      [
        'tools/list',
        (view, era, { cursor }) => ({
          name: 'tools',
          page: toolPage(catalogue.listedTools(view), era, pageSize, cursor),
        }),
      ],
      ['prompts/list', objects('prompts', 'name', (view) => catalogue.prompts(view))],
      ['resources/list', objects('resources', 'uri', (view) => catalogue.resources(view))],
      ['resources/templates/list', objects('resourceTemplates', 'uriTemplate', (view) => catalogue.templates(view))],
    ]);
  }

  /**
   * A listing's result as JSON text, open at its end; `undefined` when the method lists nothing.
   *
   * @throws RpcError -32602 for a cursor that leads nowhere
   */
  open(method: string, view: View, era: Era, params: JsonObject): string | undefined {
    const lister = this.#listers.get(method);
    if (lister === undefined) return undefined;
    const { name, page } = lister(view, era, params);
    const next = page.nextCursor === undefined ? '' : `,"nextCursor":${JSON.stringify(page.nextCursor)}`;
    return `{"${name}":[${page.text}]${next}`;
  }
}
