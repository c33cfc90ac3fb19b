/** What a guest's kernels hold for a target's disks and network cards: read, not booted. */
import type { ContentProof } from '../../proof.ts';
import type { GuestRequirements } from '../../requirements.ts';
import { bootDriversOf, networkDriversOf } from './drivers.ts';
import type { KernelFacts } from '../boot/kernels.ts';

export function proveKernel(
  kernel: KernelFacts,
  wants: Pick<GuestRequirements, 'storage' | 'network'>,
): ContentProof[] {
  const subject = `Linux ${kernel.version}`;
  return [
    { about: 'storage', subject, ...storageProof(kernel, wants) },
    { about: 'network', subject, ...networkProof(kernel, wants) },
  ];
}

type Proof = Pick<ContentProof, 'holds' | 'proof'>;

/** What finds the root must be in the kernel itself or in its initramfs. */
function storageProof(kernel: KernelFacts, wants: Pick<GuestRequirements, 'storage'>): Proof {
  const { index, initramfs, version, initramfsPath } = kernel;
  const drivers = bootDriversOf(wants);
  if (initramfs === undefined) return { holds: false, proof: `${initramfsPath} cannot be read.` };
  const lacking = drivers.filter((driver) => !index.isBuiltIn(driver) && !initramfs.modules.has(driver));
  if (lacking.length > 0) {
    const proof = `the initramfs of kernel ${version} lacks a driver for ${wants.storage}: ${lacking.join(', ')}.`;
    return { holds: false, proof };
  }
  const builtIn = drivers.filter((driver) => index.isBuiltIn(driver));
  const packed = drivers.filter((driver) => !index.isBuiltIn(driver));
  const places = [
    ...(packed.length > 0 ? [`${packed.join(', ')} in ${initramfsPath}`] : []),
    ...(builtIn.length > 0 ? [`${builtIn.join(', ')} built into the kernel (modules.builtin)`] : []),
  ];
  return { holds: true, proof: `Drivers for ${wants.storage}: ${places.join('; ')}.` };
}

/** A network card may wait for the root file system, where modules are found by alias. */
function networkProof({ index, version }: KernelFacts, wants: Pick<GuestRequirements, 'network'>): Proof {
  const drivers = networkDriversOf(wants);
  const lacking = drivers.filter((driver) => !index.isBuiltIn(driver) && index.filesOf(driver) === undefined);
  if (lacking.length > 0) {
    const proof = `kernel ${version} has no driver for ${wants.network}: ${lacking.join(', ')}.`;
    return { holds: false, proof };
  }
  const places = drivers.map((driver) =>
    index.isBuiltIn(driver)
      ? `${driver} built into the kernel`
      : `${driver} in /lib/modules/${version}, listed with what it depends on`,
  );
  return { holds: true, proof: `Driver for ${wants.network}: ${places.join('; ')}.` };
}
