import {
  boot,
  type Booted,
  DEFAULT_INSTRUMENT_LIMITS,
  InMemoryInstruments,
  loadPlugins,
  type PluginLimits,
  SystemClock,
  SystemTimers,
} from '@ai-orchestrator/core';
import type { Log } from '@ai-orchestrator/core/plugin';
import { silentLog } from '@ai-orchestrator/core/plugin-testing';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Plugins of a test, each a folder with one file, in a root of their own. */
export class PluginsOnDisk {
  private constructor(readonly root: string) {}

  /** @param files body of each plugin's module by its folder name; `diary` is an array that all of them share */
  static async write(files: Readonly<Record<string, string>>): Promise<PluginsOnDisk> {
    const root = await mkdtemp(join(tmpdir(), 'plugins-'));
    for (const [name, body] of Object.entries(files)) {
      await mkdir(join(root, name));
      await writeFile(
        join(root, name, 'package.json'),
        JSON.stringify({ name, type: 'module', exports: './index.js' }),
      );
      const common = `const token = (name) => Symbol.for('ai-orchestrator/' + name);\nconst diary = (globalThis[${JSON.stringify(root)}] ??= []);\n`;
      await writeFile(join(root, name, 'index.js'), common + body);
    }
    return new PluginsOnDisk(root);
  }

  /** What the plugins wrote into their diary. */
  get diary(): readonly unknown[] {
    return ((globalThis as Record<string, unknown>)[this.root] as unknown[] | undefined) ?? [];
  }

  /** Loads and starts all of them; those in `required` first and as required ones. */
  async boot(
    required: readonly string[] = [],
    limits: Partial<PluginLimits> = {},
    log: Log = silentLog,
  ): Promise<{
    readonly booted: Booted;
    readonly instruments: InMemoryInstruments;
    readonly methods: ReadonlySet<string>;
  }> {
    const methods = new Set<string>();
    const instruments = new InMemoryInstruments(DEFAULT_INSTRUMENT_LIMITS);
    const booted = await boot({
      plugins: await loadPlugins({
        sources: required.map((name) => ({ name, from: { path: join(this.root, name) }, required: true })),
        roots: [this.root],
        resolve: (name) => import.meta.resolve(name),
      }),
      services: new Map(),
      methods: {
        add({ name }) {
          methods.add(name);
          return () => void methods.delete(name);
        },
        declarations: () => [],
      },
      clock: new SystemClock(),
      timers: new SystemTimers(),
      instruments,
      log,
      limits,
    });
    return { booted, instruments, methods };
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true });
  }
}

/** A plugin that notes its start and its end. */
export function noting(id: string, more = ''): string {
  return `export default { id: '${id}', contract: '1.0.0', ${more} start({ defer }) { diary.push('+${id}'); defer(() => { diary.push('-${id}'); }); return { services: { it: 1 } }; } };`;
}
