import type { ToolDefinition } from './tools.js';

const VERSIONS = 'tools/versions/';

/** What the store knows of one version of a tool. */
export interface StoredVersion {
  readonly provider: string;
  /** Principal that registered it. */
  readonly registrar: string;
  /** Wall-clock ms. */
  readonly registeredAt: number;
  readonly approved?: {
    readonly hash: string;
    readonly definition: ToolDefinition;
    readonly at: number;
    /** Principal that approved it; `firstUse` and `known` where nobody had to. */
    readonly by: string;
  };
  /** What its provider offers instead, and nobody has approved. */
  readonly pending?: PendingDefinition;
  /** Approved name that its provider offered before, and not any more when it first offered this one. */
  readonly replaces?: string;
  readonly deprecated?: { readonly at: string; readonly successor?: string };
}

/** A definition that waits for approval, or was refused it. */
export interface PendingDefinition {
  readonly hash: string;
  readonly definition: ToolDefinition;
  readonly since: number;
  readonly why: 'new' | 'changed' | 'version' | 'renamed';
  readonly rejected?: { readonly at: number; readonly by: string; readonly reason?: string };
}

/** A version without what waits. */
export function settled(stored: StoredVersion): StoredVersion {
  const rest: { -readonly [K in keyof StoredVersion]: StoredVersion[K] } = { ...stored };
  delete rest.pending;
  return rest;
}

/** Where a version is kept. */
export function versionKey(name: string, version: string): string {
  return `${VERSIONS}${encodeURIComponent(name)}/${version}`;
}

/** Where all versions are. */
export const VERSION_RANGE = { from: VERSIONS, to: 'tools/versions0' };

/** The name and version that a key is of. */
export function versionIn(key: string): { readonly name: string; readonly version: string } {
  const [name = '', version = ''] = key.slice(VERSIONS.length).split('/');
  return { name: decodeURIComponent(name), version };
}
