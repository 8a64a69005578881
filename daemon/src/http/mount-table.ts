import type { HttpMount } from '@ai-orchestrator/core/plugin';

/** Mounts at most; each is a line of somebody's code, so more is a leak. */
const MAX_MOUNTS = 1000;

/** Which resource answers a path: an exact one first, else the longest prefix. */
export class MountTable {
  readonly #exact = new Map<string, HttpMount>();
  readonly #prefixes = new Map<string, HttpMount>();
  /** Characters of the longest prefix that there ever was: nobody's path is looked at beyond. */
  #longest = 0;

  /** @throws Error when the path is taken or is not a path */
  add(mount: HttpMount): () => void {
    const { path } = mount;
    if (!/^\/[A-Za-z0-9._~/-]*$/.test(path)) throw new Error(`"${path}" is not a path to mount at: begin it with /`);
    const table = path.endsWith('/') && path !== '/' ? this.#prefixes : this.#exact;
    if (table.has(path)) throw new Error(`the HTTP path ${path} is taken already; mount at another one`);
    if (this.#exact.size + this.#prefixes.size >= MAX_MOUNTS) throw new Error(`more than ${MAX_MOUNTS} HTTP mounts`);
    table.set(path, mount);
    if (table === this.#prefixes) this.#longest = Math.max(this.#longest, path.length);
    return () => {
      if (table.get(path) === mount) table.delete(path);
    };
  }

  /** The mount of a path without its query. */
  find(path: string): HttpMount | undefined {
    const exact = this.#exact.get(path);
    if (exact !== undefined) return exact;
    for (let end = path.lastIndexOf('/', this.#longest - 1); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const mount = this.#prefixes.get(path.slice(0, end + 1));
      if (mount !== undefined) return mount;
    }
    return undefined;
  }
}
