/** One promise: something an issue or a document of the project asks for. A test proves it by ending its title with `[id]`. */
export interface Requirement {
  /** `F01` for a row of the fault table, otherwise an area and a number: `RPC-01`. */
  readonly id: string;
  /** Where it is asked for. */
  readonly source: string;
  readonly behaviour: string;
}
