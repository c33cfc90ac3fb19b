/**
 * A guest's file systems, opened in a libguestfs appliance: the guest's own data is parsed there, never by this
 * process or this host's kernel. One launch a restore: under emulation it takes 8 to 15 s, every call after it
 * some milliseconds.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { AscendError } from '../../proto/errors.ts';
import { converse } from '../exec.ts';
import type { ProbeAcceleration } from '../host/acceleration.ts';
import type { GuestDisks, GuestFiles, GuestPrograms } from './files.ts';
import { commandOf, Guestfish, programFailed } from './guestfish.ts';
import type { VolumeKey } from './volume-keys.ts';

export interface GuestSessionOptions {
  /** Images in the machine's disk order; QCOW2. */
  disks: readonly string[];
  readOnly: boolean;
  acceleration: ProbeAcceleration;
  signal: AbortSignal;
  /** For files on their way in and out. */
  tempDir: string;
  /** Of encrypted volumes; each is tried. */
  keys?: readonly VolumeKey[];
}

// A launch took 8 to 15 s under emulation on two cores; a host under load may need several times that.
const LAUNCH_LIMIT_MS = 180_000;
// The slowest single call is a download of an initramfs: 100 MB in about 5 s under emulation.
const CALL_LIMIT_MS = 120_000;
// Argon2 is made to take two seconds of a fast machine, for each slot of a key; under emulation that is minutes.
const UNLOCK_LIMIT_MS = 900_000;
// Argon2 takes up to 1 GiB of memory; the appliance has 1280 MiB otherwise. Source: cryptsetup(8), --pbkdf-memory.
const UNLOCK_MEMORY_MIB = '2048';
// libguestfs carries 4 MiB in one answer.
const PREAD_BYTES = 2 * 1024 * 1024;
const MAX_READ_BYTES = 16 * 1024 * 1024;
// All that a guest's own program may take: libguestfs' own default, and enough for every tool that builds an initramfs.
const APPLIANCE_MEMORY_MIB = 1280;
// The second takes one or two seconds off a launch of eight under emulation, where udev starts devices side by side.
const APPLIANCE_PROCESSORS = 2;

// stat(2)
const TYPE_BITS = 0o170000;
const REGULAR = 0o100000;
const DIRECTORY = 0o040000;
const NOTHING_THERE = /No such file|Is a directory|Not a directory|Too many levels of symbolic links/i;
const SELINUX_LABEL = 'security.selinux';
// In the appliance.
const UPLOADED_KEY = '/tmp/volume.key';

export class GuestSession implements GuestFiles, GuestDisks, GuestPrograms, AsyncDisposable {
  readonly #fish: Guestfish;
  readonly #tempDir: string;
  readonly #owned = new DisposableStack();
  readonly #keys: readonly VolumeKey[];
  #disks: Promise<string[]> | undefined;

  private constructor(fish: Guestfish, tempDir: string, keys: readonly VolumeKey[]) {
    this.#fish = fish;
    this.#keys = keys;
    this.#tempDir = tempDir;
  }

  /** @throws guest.session-failed, host.tool-missing, run.cancelled */
  static async open(options: GuestSessionOptions): Promise<GuestSession> {
    const { kvm } = await options.acceleration();
    const tempDir = await mkdtemp(path.join(options.tempDir, 'guest-'));
    const late = new AbortController();
    const fish = converse('guestfish', ['--keys-from-stdin', options.readOnly ? '--ro' : '--rw'], {
      signal: AbortSignal.any([options.signal, late.signal]),
      env: { LIBGUESTFS_BACKEND: 'direct', ...(!kvm && { LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg' }) },
    });
    const session = new GuestSession(new Guestfish(fish, () => late.abort()), tempDir, options.keys ?? []);
    try {
      await session.call('set-memsize', String(APPLIANCE_MEMORY_MIB));
      await session.call('set-network', 'false');
      await session.call('set-smp', String(Math.min(APPLIANCE_PROCESSORS, availableParallelism())));
      for (const disk of options.disks) {
        await session.call('add', disk, `readonly:${options.readOnly}`, 'format:qcow2');
      }
      if (session.hasKeys) await session.call('set-memsize', UNLOCK_MEMORY_MIB);
      await session.#say(LAUNCH_LIMIT_MS, 'run');
      return session;
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw options.signal.aborted
        ? new AscendError('run.cancelled', 'Stopped while the guest was being opened.')
        : error;
    }
  }

  /** One guestfish command; its printed answer without the last line's end. @throws guest.session-failed */
  async call(command: string, ...args: string[]): Promise<string> {
    return (await this.#say(CALL_LIMIT_MS, command, ...args)).toString('utf8').replace(/\n$/, '');
  }

  /** The lines of an answer; none for an empty one. */
  async lines(command: string, ...args: string[]): Promise<string[]> {
    return (await this.call(command, ...args)).split('\n').filter(Boolean);
  }

  /** The devices of the disks, in the machine's order. Asked for once: an answer takes 200 ms under emulation. */
  disks(): Promise<string[]> {
    return (this.#disks ??= this.lines('list-devices'));
  }

  async test(command: 'is-file' | 'is-dir' | 'is-symlink' | 'exists', guestPath: string): Promise<boolean> {
    // With followsymlinks, as the guest itself would: inside its own root.
    const follow = command === 'is-file' || command === 'is-dir' ? ['followsymlinks:true'] : [];
    return (await this.call(command, guestPath, ...follow)) === 'true';
  }

  /**
   * The whole of a small file; undefined where there is none. By pread, which answers in 12 ms under emulation:
   * everything that libguestfs moves as a file (read-file, cat, download) takes 150 ms however small it is.
   * @throws guest.unsupported for a file of more than 16 MiB, and for what is no file
   */
  async read(guestPath: string): Promise<Buffer | undefined> {
    if (!(await this.#isRegular(guestPath))) return undefined;
    const parts: Buffer[] = [];
    for (let offset = 0; offset <= MAX_READ_BYTES; offset += PREAD_BYTES) {
      const part = await this.#pread(guestPath, offset);
      if (part === undefined) return undefined;
      parts.push(part);
      if (part.length < PREAD_BYTES) return Buffer.concat(parts);
    }
    throw tooLarge(guestPath, MAX_READ_BYTES);
  }

  async #pread(guestPath: string, offset: number): Promise<Buffer | undefined> {
    try {
      return await this.#say(CALL_LIMIT_MS, 'pread', guestPath, String(PREAD_BYTES), String(offset));
    } catch (error) {
      if (error instanceof AscendError && NOTHING_THERE.test(error.message)) return undefined;
      throw error;
    }
  }

  /**
   * False where nothing is there. A guest may have a device or a pipe where its file belongs: opening the one would
   * read the appliance's hardware, the other would never end.
   */
  async #isRegular(guestPath: string): Promise<boolean> {
    const kind = await this.#kindOf(guestPath);
    if (kind === undefined || kind === DIRECTORY) return false;
    if (kind === REGULAR) return true;
    throw new AscendError('guest.unsupported', `${guestPath} in the guest is not a file.`, {
      context: { file: guestPath },
      hint: 'Look at it on the original machine: a device or a pipe lies where a file belongs.',
    });
  }

  /** The type bits of the mode, after links; undefined where nothing is there. */
  async #kindOf(guestPath: string): Promise<number | undefined> {
    try {
      const mode = /^st_mode: (\d+)$/m.exec(await this.call('statns', guestPath))?.[1];
      return Number(mode) & TYPE_BITS;
    } catch (error) {
      if (error instanceof AscendError && NOTHING_THERE.test(error.message)) return undefined;
      throw error;
    }
  }

  async readText(guestPath: string): Promise<string | undefined> {
    return (await this.read(guestPath))?.toString('utf8');
  }

  /** Names in a directory; none where there is no such directory. */
  async list(guestPath: string): Promise<string[]> {
    return (await this.test('is-dir', guestPath)) ? this.lines('ls', guestPath) : [];
  }

  /** Path of a local copy, which lives as long as the session. */
  async download(guestPath: string, maxBytes: number): Promise<string | undefined> {
    if (!(await this.test('is-file', guestPath))) return undefined;
    return this.fetch(guestPath, maxBytes);
  }

  /** As `download`, of a file that is known to be there. @throws guest.session-failed where it is not */
  async fetch(guestPath: string, maxBytes: number): Promise<string> {
    const size = Number(await this.call('filesize', guestPath));
    if (size > maxBytes) throw tooLarge(guestPath, maxBytes);
    const local = this.#tempFile();
    await this.call('download', guestPath, local);
    return local;
  }

  /** Replaces the content and keeps owner and mode of a file that exists; a new one is root's, with mode 0644. */
  async write(guestPath: string, content: string | Buffer): Promise<void> {
    const isNew = !(await this.#isRegular(guestPath));
    if (isNew) await this.#makeFolder(parentOf(guestPath));
    const local = this.#tempFile();
    await writeFile(local, content);
    await this.call('upload', local, guestPath);
    if (isNew) {
      await this.call('chmod', '0644', guestPath);
      await this.#labelLikeFolder(guestPath);
    }
    await rm(local);
  }

  async #makeFolder(guestPath: string): Promise<void> {
    if (guestPath === '' || (await this.#kindOf(guestPath)) === DIRECTORY) return;
    await this.#makeFolder(parentOf(guestPath));
    await this.call('mkdir', guestPath);
    await this.#labelLikeFolder(guestPath);
  }

  /**
   * What SELinux does with a new file, in a place where it is not running: without a label, services may not read the
   * file, and a relabel of everything on the next start takes minutes and one more start.
   */
  async #labelLikeFolder(guestPath: string): Promise<void> {
    const label = await this.#labelOf(parentOf(guestPath) || '/');
    if (label === '') return;
    await this.call('lsetxattr', SELINUX_LABEL, label, String(Buffer.byteLength(label)), guestPath);
  }

  async #labelOf(guestPath: string): Promise<string> {
    const label = await this.call('getxattr', guestPath, SELINUX_LABEL).catch(() => '');
    return label.replace(/\0.*$/s, '');
  }

  async isLabelled(guestPath: string): Promise<boolean> {
    return (await this.#labelOf(guestPath)) !== '';
  }

  async link(guestPath: string, to: string): Promise<void> {
    await this.#makeFolder(parentOf(guestPath));
    await this.call('ln-sf', to, guestPath);
    await this.#labelLikeFolder(guestPath);
  }

  async readLink(guestPath: string): Promise<string | undefined> {
    return (await this.test('is-symlink', guestPath)) ? this.call('readlink', guestPath) : undefined;
  }

  async remove(guestPath: string): Promise<void> {
    await this.call('rm-f', guestPath);
  }

  async copy(from: string, to: string): Promise<void> {
    await this.#makeFolder(parentOf(to));
    await this.call('cp', from, to);
    await this.#labelLikeFolder(to);
  }

  async truncate(guestPath: string, lengthBytes: number): Promise<void> {
    await this.call('truncate-size', guestPath, String(lengthBytes));
  }

  /** Writes a local file into a guest file from an offset on. */
  async writeAt(guestPath: string, content: Buffer, offsetBytes: number): Promise<void> {
    const local = this.#tempFile();
    await writeFile(local, content);
    await this.call('upload-offset', local, guestPath, String(offsetBytes));
    await rm(local);
  }

  async freeBytes(guestPath: string): Promise<bigint> {
    const text = await this.call('statvfs', guestPath);
    const field = (name: string) => BigInt(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    return field('bavail') * field('frsize');
  }

  /**
   * SHA-256 of every file in a folder and below, by its path in there; none where there is no such folder. In one call,
   * where asking file by file takes two each.
   */
  async checksums(guestPath: string): Promise<Map<string, string>> {
    if (!(await this.test('is-dir', guestPath))) return new Map();
    const local = this.#tempFile();
    await this.call('checksums-out', 'sha256', guestPath, local);
    if ((await stat(local)).size > MAX_READ_BYTES) throw tooLarge(guestPath, MAX_READ_BYTES);
    const lines = (await readFile(local, 'utf8')).matchAll(/^([0-9a-f]{64}) [ *]\.\/(.+)$/gm);
    await rm(local);
    return new Map([...lines].map(([, sum = '', name = '']) => [name, sum]));
  }

  /** What lies on a disk or partition, by libguestfs' name of it; shorter at its end. */
  async readDevice(device: string, offsetBytes: number, lengthBytes: number): Promise<Buffer> {
    return this.#say(CALL_LIMIT_MS, 'pread-device', device, String(lengthBytes), String(offsetBytes));
  }

  async writeDevice(device: string, content: Buffer, offsetBytes: number): Promise<void> {
    await this.writeAt(device, content, offsetBytes);
  }

  async deviceBytes(device: string): Promise<bigint> {
    return BigInt(await this.call('blockdev-getsize64', device));
  }

  /**
   * The kernel does not read a table again while something of its disk is in use. parted tells it of what has changed
   * alone, whatever it is asked for: here, for the mark that an EFI system partition has in GPT anyway.
   */
  async noticePartition(disk: string, number: number): Promise<void> {
    await this.call('sync');
    const isGpt = (await this.call('part-get-parttype', disk)) === 'gpt';
    await this.call('part-set-bootable', disk, String(number), String(isGpt));
  }

  async mount(device: string, guestPath: string): Promise<void> {
    await this.#makeFolder(guestPath);
    await this.call('mount', device, guestPath);
  }

  async unpack(archive: string, folder: string): Promise<void> {
    await this.#makeFolder(folder);
    await this.call('tar-in', archive, folder);
    if ((await this.#labelOf(folder)) === '') return;
    for (const name of await this.list(folder)) await this.#labelLikeFolder(`${folder}/${name}`);
  }

  async run(program: string, args: readonly string[], limitMs: number): Promise<void> {
    const command = commandOf(program, args);
    // Its own stdout is not looked at; an endless one ends at libguestfs' limit of 4 MiB or the appliance's memory.
    await this.#fish.ask(limitMs, '', 'command', [command], (said) => programFailed(command, said));
  }

  /** Gives a file that a program has made the label of its folder. */
  async relabel(guestPath: string): Promise<void> {
    await this.#labelLikeFolder(guestPath);
  }

  /** Closes it with the session. */
  own<T extends Disposable>(resource: T): T {
    return this.#owned.use(resource);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#owned.dispose();
    await this.#fish[Symbol.asyncDispose]();
    await rm(this.#tempDir, { recursive: true, force: true });
  }

  /** Whether there are keys to try. */
  get hasKeys(): boolean {
    return this.#keys.length > 0;
  }

  /** Opens an encrypted volume (LUKS) as /dev/mapper/`name`, by the first key that fits. */
  async unlock(device: string, name: string): Promise<boolean> {
    for (const key of this.#keys) {
      try {
        if (key.kind === 'file') await this.#unlockByFile(device, name, key.path);
        else await this.#fish.ask(UNLOCK_LIMIT_MS, `${key.text}\n`, 'cryptsetup-open', [device, name]);
        return true;
      } catch (error) {
        if (!(error instanceof AscendError) || error.code !== 'guest.session-failed') throw error;
      }
    }
    return false;
  }

  /**
   * cryptsetup-open takes a key as a line: none with a zero or an end of line in it. So the file goes into the
   * appliance, where cryptsetup reads it itself; it is gone with the appliance.
   */
  async #unlockByFile(device: string, name: string, keyFile: string): Promise<void> {
    await this.call('debug-upload', keyFile, UPLOADED_KEY, '0600');
    const open = `cryptsetup open --key-file=${UPLOADED_KEY} ${shellQuote(device)} ${shellQuote(name)}`;
    await this.#say(UNLOCK_LIMIT_MS, 'debug', 'sh', `${open} && udevadm settle`);
  }

  #say(limitMs: number, command: string, ...args: string[]): Promise<Buffer> {
    return this.#fish.ask(limitMs, '', command, args);
  }

  #tempFile(): string {
    return path.join(this.#tempDir, randomBytes(8).toString('hex'));
  }
}

/** "/etc/fstab" -> "/etc"; "" for what lies in the root. */
function parentOf(guestPath: string): string {
  return guestPath.slice(0, guestPath.lastIndexOf('/'));
}

function tooLarge(guestPath: string, maxBytes: number): AscendError {
  const message = `${guestPath} in the guest is larger than ${maxBytes} bytes, the most that is expected there.`;
  return new AscendError('guest.unsupported', message, {
    context: { file: guestPath },
    hint: 'Look at that file on the original machine: it is not what its place says.',
  });
}

/** For the appliance's shell. */
function shellQuote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
