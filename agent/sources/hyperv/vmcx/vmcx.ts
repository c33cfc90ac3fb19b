/** A VMCX file: the configuration of a VM on Windows Server 2016 and later. */
import type { Key } from '../configuration/key.ts';
import { openContainer } from './container.ts';
import { readKeys } from './keys.ts';

export { isVmcx } from './container.ts';

export interface Vmcx {
  roots: Key[];
  /** More than 0: the newest changes are in the log of the file and not in `roots`. */
  pendingChanges: number;
}

/** @throws source.invalid with the offset of what is wrong. */
export function readVmcx(content: Buffer, file: string): Vmcx {
  const container = openContainer(content, file);
  return { roots: readKeys(container), pendingChanges: container.pendingChanges };
}
