/**
 * The disks of a backup as qemu can open them, one after another or all at once: directly where that is safe, and
 * otherwise through an NBD server of this process, so that a backup's files are parsed by our own bounded readers.
 *
 * Not by qemu-storage-daemon (7.2): it cannot be told a VMDK's extents nor the size of a VHD, so that it would follow
 * the names in the one and round the other; and it reads no differencing VHD and VHDX.
 */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { AscendError, asAscendError } from '../../proto/errors.ts';
import { directBacking, type Backing } from './backing.ts';
import type { Chain } from './chain.ts';
import { allocatedBytesOf, type DiskReader } from './disk-reader.ts';
import { allocatedBytes, type ImageContext } from './image.ts';
import { serveNbd } from './nbd/server.ts';
import { diskMemory, openDisk, type DiskFiles } from './open-disk.ts';

export interface ServedDisks extends AsyncDisposable {
  /** Of the disks. */
  readonly ids: readonly string[];
  /** What to put an overlay on. The same after a restart, so that overlays of an earlier attempt still find it. */
  backingOf(diskId: string): Backing;
  /** What a copy of the disk has to write. */
  allocatedBytes(diskId: string, context: ImageContext): Promise<bigint>;
  /**
   * Runs what reads the disks. Where one could not be read meanwhile, that is the error, whatever the program that read
   * it made of its I/O error, even nothing.
   * @throws disk.read-failed, disk.invalid, and what `work` throws
   */
  reading<T>(work: () => Promise<T>): Promise<T>;
}

// sun_path of unix(7), without the final zero.
const MAX_SOCKET_PATH_BYTES = 107;

/**
 * `chains`, by disk id, must be usable. `folder`: for the socket; made here, for this user alone, and removed with it.
 * @throws disk.invalid, disk.read-failed where a disk cannot be opened
 */
export async function serveDisks(
  chains: ReadonlyMap<string, Chain>,
  files: DiskFiles,
  folder: string,
): Promise<ServedDisks> {
  await using opened = new AsyncDisposableStack();
  const memory = diskMemory();
  const backings = new Map<string, Backing>();
  const exports = new Map<string, DiskReader>();
  const disks = new Map<string, DiskReader>();
  const socket = path.join(folder, 'nbd');
  for (const [id, chain] of chains) {
    const direct = await directBacking(chain, (file) => files.place(file));
    const name = `disk${backings.size}`;
    backings.set(id, direct ?? { name: `nbd:unix:${socket}:exportname=${name}`, format: 'raw' });
    if (direct) continue;
    const disk = opened.use(await openDisk(chain, files, memory));
    exports.set(name, disk);
    disks.set(id, disk);
  }
  const failures: AscendError[] = [];
  if (exports.size > 0) {
    await makeFolder(folder, socket);
    opened.defer(() => rm(folder, { recursive: true, force: true }));
    opened.use(await serveNbd(socket, exports, (error) => void failures.push(asAscendError(error))));
  }
  const held = opened.move();
  return {
    ids: [...chains.keys()],
    backingOf: (id) => known(backings, id),
    allocatedBytes: async (id, context) => {
      const disk = disks.get(id);
      return disk ? allocatedBytesOf(disk) : allocatedBytes(known(backings, id), context);
    },
    reading: (work) => withFailures(failures, work),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

function known(backings: ReadonlyMap<string, Backing>, id: string): Backing {
  const backing = backings.get(id);
  if (backing) return backing;
  throw new AscendError('internal', `The backup holds no disk ${id}.`);
}

async function makeFolder(folder: string, socket: string): Promise<void> {
  if (Buffer.byteLength(socket) > MAX_SOCKET_PATH_BYTES) {
    throw new AscendError('config.invalid', `${folder} is too long a path for a socket.`, {
      context: { folder },
      hint: `Keep the agent's state in a folder with a shorter path; a socket's has ${MAX_SOCKET_PATH_BYTES} bytes at most.`,
    });
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

async function withFailures<T>(failures: AscendError[], work: () => Promise<T>): Promise<T> {
  failures.length = 0;
  let result: T;
  try {
    result = await work();
  } catch (thrown) {
    const [first] = failures;
    throw first && !isCancelled(thrown) ? first : thrown;
  }
  const [first] = failures;
  if (first) throw first;
  return result;
}

function isCancelled(thrown: unknown): boolean {
  return thrown instanceof AscendError && thrown.code === 'run.cancelled';
}
