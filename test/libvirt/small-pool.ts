/** A storage pool that can run full: a small file system of its own, seen by nobody but a private libvirt. */
import { execa } from 'execa';
import type { PrivateLibvirt } from './private.ts';

export class SmallPool implements AsyncDisposable {
  readonly name: string;
  readonly #folder: string;
  readonly #libvirt: PrivateLibvirt;

  private constructor(name: string, folder: string, libvirt: PrivateLibvirt) {
    this.name = name;
    this.#folder = folder;
    this.#libvirt = libvirt;
  }

  static async make(libvirt: PrivateLibvirt, name: string, megabytes: number): Promise<SmallPool> {
    const pool = new SmallPool(name, `${libvirt.poolDir}-${name}`, libvirt);
    await pool.#inside('mkdir', pool.#folder);
    await pool.#inside('mount', '-t', 'tmpfs', '-o', `size=${megabytes}M`, 'tmpfs', pool.#folder);
    await libvirt.virsh('pool-define-as', name, 'dir', '--target', pool.#folder);
    await libvirt.virsh('pool-start', name);
    return pool;
  }

  /** Takes that much of its room away. */
  async fill(megabytes: number): Promise<void> {
    await this.#inside('fallocate', '--length', `${megabytes}M`, `${this.#folder}/filler`);
  }

  async files(): Promise<string[]> {
    return (await this.#inside('ls', this.#folder)).split('\n').filter(Boolean);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#libvirt.virsh('pool-destroy', this.name);
    await this.#libvirt.virsh('pool-undefine', this.name);
    await this.#inside('umount', this.#folder);
  }

  async #inside(...command: string[]): Promise<string> {
    const [program, ...args] = [...this.#libvirt.within, ...command];
    return (await execa(program, args)).stdout;
  }
}
