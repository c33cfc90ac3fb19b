/** Under which name qemu opens a disk of a backup by itself, where it can be trusted to open the right thing. */
import path from 'node:path';
import type { FilePlace } from '../repositories/files.ts';
import type { Chain, Layer } from './chain.ts';

/** What an overlay is put on. */
export interface Backing {
  /** As qemu takes it: an absolute path, or the address of an NBD export. */
  name: string;
  format: 'qcow2' | 'raw';
}

// Of a backing file's name in QCOW2.
const MAX_NAME_BYTES = 1023;

/**
 * The fastest way, without a detour: whole local files, in formats that qemu reads as we do, where every name that it
 * would follow is the one that was checked. Undefined where the disk must be served instead.
 */
export async function directBacking(
  { layers }: Chain,
  placeOf: (file: string) => Promise<FilePlace | undefined>,
): Promise<Backing | undefined> {
  const format = directFormat(layers);
  const top = layers.at(-1);
  if (!format || !top) return undefined;
  for (const { file } of layers) if ((await placeOf(file))?.offset !== 0) return undefined;
  const name = (await placeOf(top.file))?.file;
  return name === undefined || Buffer.byteLength(name) > MAX_NAME_BYTES ? undefined : { name, format };
}

function directFormat(layers: readonly Layer[]): Backing['format'] | undefined {
  if (layers.length === 1 && layers[0]?.header.format === 'raw') return 'raw';
  return layers.every((layer, index) => followsLiterally(layer, layers[index - 1])) ? 'qcow2' : undefined;
}

/** Whether qemu comes to `below` by the name in the header: relative to the file, and not found in another way by us. */
function followsLiterally({ file, header, dataFiles }: Layer, below: Layer | undefined): boolean {
  if (header.format !== 'qcow2' || dataFiles.length > 0) return false;
  const [name, ...others] = header.parent?.names ?? [];
  if (!below || name === undefined) return below === undefined && name === undefined;
  const format = header.parent?.format;
  if (others.length > 0 || path.posix.isAbsolute(name) || /^[^/]*:/.test(name)) return false;
  return (
    path.posix.join(path.posix.dirname(file), name) === below.file &&
    (format === undefined || format === 'qcow2')
  );
}
