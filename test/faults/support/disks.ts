import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tool } from './tool.js';

/** A file system of its own, mounted on a directory. */
export interface Disk {
  readonly mount: string;
  dispose(): Promise<void>;
}

/** An ext4 on a loop device whose power can be cut. */
export class PowerCutDisk implements Disk {
  readonly mount: string;
  readonly #directory: string;
  readonly #device: string;
  #mounted = false;

  private constructor(directory: string, device: string) {
    this.#directory = directory;
    this.#device = device;
    this.mount = join(directory, 'mount');
  }

  static async create(bytes = 64 * 1024 * 1024): Promise<PowerCutDisk> {
    const directory = await mkdtemp(join(tmpdir(), 'power-cut-'));
    try {
      const image = join(directory, 'image');
      await writeFile(image, '');
      await truncate(image, bytes);
      await tool('mkfs.ext4', '-q', '-F', image);
      const disk = new PowerCutDisk(directory, await tool('losetup', '--find', '--show', image));
      await tool('mkdir', disk.mount);
      await disk.remount();
      return disk;
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** What was not synced is gone from here on; the mount answers nothing but errors. */
  async cut(): Promise<void> {
    await tool('xfs_io', '-x', '-c', 'shutdown', this.mount);
  }

  /** Takes the mount away, when there is one, and mounts what is on the disk. */
  async remount(): Promise<void> {
    await this.#unmount();
    await tool('mount', '-t', 'ext4', this.#device, this.mount);
    this.#mounted = true;
  }

  async dispose(): Promise<void> {
    await this.#unmount();
    await tool('losetup', '--detach', this.#device);
    await rm(this.#directory, { recursive: true });
  }

  async #unmount(): Promise<void> {
    if (!this.#mounted) return;
    await tool('umount', this.mount);
    this.#mounted = false;
  }
}

/** A small file system in memory. */
export async function tmpfs(bytes: number): Promise<Disk & { resize(bytes: number): Promise<void> }> {
  const mount = await mkdtemp(join(tmpdir(), 'tmpfs-'));
  await tool('mount', '-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', mount);
  return {
    mount,
    async resize(to) {
      await tool('mount', '-o', `remount,size=${to}`, mount);
    },
    async dispose() {
      await tool('umount', mount);
      await rm(mount, { recursive: true });
    },
  };
}
