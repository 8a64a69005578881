const HEADS = 'documents/';
const STATE = 'state/';

/** Key of a document's definitions; every document that was ever written has one. */
export function headKey(document: string): string {
  return HEADS + document;
}

/** The heads of all documents of a kind: from, to. */
export function headRange(kind: string): { readonly from: string; readonly to: string } {
  return { from: `${HEADS}${kind}/`, to: `${HEADS}${kind}0` };
}

/** The document that a head's key belongs to. */
export function documentOfHead(key: string): string {
  return key.slice(HEADS.length);
}

/** Key of a field. */
export function fieldKey(document: string, name: string): string {
  return `${STATE}${document}/fields/${name}`;
}

/** Key of one place in a document's history. */
export function historyKey(document: string, slot: number): string {
  return `${STATE}${document}/history/${String(slot).padStart(6, '0')}`;
}

/** Key of what is known of one replica. */
export function replicaKey(document: string, name: string): string {
  return `${STATE}${document}/replicas/${name}`;
}

/** Everything of a document but its head: from, to. */
export function documentRange(document: string): { readonly from: string; readonly to: string } {
  return { from: `${STATE}${document}/`, to: `${STATE}${document}0` };
}

/** Whether a key is that of a field of a document. */
export function isField(document: string, key: string): boolean {
  return key.startsWith(fieldKey(document, ''));
}

/** What an entry of a document is of. */
export function partOf(document: string, key: string): { readonly kind: string; readonly name: string } {
  const rest = key.slice(STATE.length + document.length + 1);
  const slash = rest.indexOf('/');
  return { kind: rest.slice(0, slash), name: rest.slice(slash + 1) };
}
