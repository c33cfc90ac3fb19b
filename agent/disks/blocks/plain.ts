/** A disk's bytes as they are: raw files, fixed VHDs without their footer, flat extents of a VMDK. */
import { stored, type Blocks, type LayerFile } from './blocks.ts';

/** `sizeBytes` of the file from `at` on. @throws disk.invalid where the file is shorter */
export function plainBlocks(file: LayerFile, at: number, sizeBytes: number): Blocks {
  stored(file, at, sizeBytes);
  return {
    sizeBytes,
    map: (offset, length) => Promise.resolve([stored(file, at + offset, length)]),
  };
}
