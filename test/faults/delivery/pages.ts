import type { RawConnection } from '../../support/raw-connection.js';

/** All entries of a listing, page by page. */
export async function* entriesOf<T>(
  admin: RawConnection,
  method: string,
  params: object,
  cursorName: 'cursor' | 'after',
): AsyncGenerator<T, void, void> {
  for (let from = {}; ;) {
    const page = (await admin.result(method, { ...params, ...from, limit: 1000 })) as {
      readonly entries?: readonly T[];
      readonly cursor?: string;
    };
    yield* page.entries ?? [];
    if (page.cursor === undefined) return;
    from = { [cursorName]: page.cursor };
  }
}
