/**
 * A JSON value of which one member, or all, is bytes or text that were checked to be JSON and are sent on as they came. With a member:
 * `fields` plus that member; without: the bytes are the value.
 *
 * `fields` may be JSON text already, without the braces around it (`"a":1,"b":2`), which spares the hot path an object.
 */
export class RelayedJson {
  constructor(
    readonly bytes: Uint8Array | string,
    readonly member?: string,
    readonly fields: Readonly<Record<string, unknown>> | string = '',
  ) {}
}
