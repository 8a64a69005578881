import { token } from '../plugin/token.js';

/** Bounds of the tool registry. */
export interface ToolLimits {
  /** Providers at once. */
  readonly providers: number;
  /** Definitions that one provider offers at once, and so that wait for approval. */
  readonly toolsPerProvider: number;
  /** Versions of tools that are remembered of one provider, those that it no longer offers among them. */
  readonly versionsPerProvider: number;
  /** Versions of one tool. */
  readonly versionsPerTool: number;
  /** A definition as JSON. */
  readonly definitionBytes: number;
  /** Objects, arrays and values of one schema. */
  readonly schemaNodes: number;
  /** Objects and arrays of a definition inside each other. */
  readonly depth: number;
  /** Principals and sets whose listings are remembered. */
  readonly views: number;
  /** Changes of the registry that may wait for each other. */
  readonly waitingChanges: number;
  /** Definitions in one page of a listing, as JSON. */
  readonly pageBytes: number;
  /** Changes that a difference names. */
  readonly differences: number;
}
/** Token of {@link ToolLimits}. */
export const ToolLimits = token<ToolLimits>('tool-limits');
/** What {@link ToolLimits} are unless configured. */
export const TOOL_LIMITS: ToolLimits = {
  providers: 1_000,
  toolsPerProvider: 2_000,
  versionsPerProvider: 4_000,
  versionsPerTool: 32,
  definitionBytes: 131_072,
  schemaNodes: 20_000,
  depth: 64,
  views: 256,
  waitingChanges: 2_000,
  pageBytes: 1_048_576,
  differences: 500,
};
