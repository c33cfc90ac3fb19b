/** What cannot be changed in a unified kernel image, and matters on the target. */
import { Severity, type Finding } from '../../../../proto/gen/ascend/v1/finding.ts';
import type { GuestRequirements } from '../../requirements.ts';
import { isHardwareName } from '../storage/devices.ts';
import { bootDriversOf } from './drivers.ts';
import type { KernelFacts } from '../boot/kernels.ts';
import type { UnifiedKernel } from '../boot/unified-kernel.ts';

export function planUnified(
  { index, initramfs, version }: KernelFacts,
  image: UnifiedKernel,
  wants: Pick<GuestRequirements, 'storage' | 'serialConsole' | 'kernelArguments'>,
): Finding[] {
  const lacking = bootDriversOf(wants).filter(
    (driver) => !index.isBuiltIn(driver) && !initramfs?.modules.has(driver),
  );
  const root = /(?:^|\s)root=(\S+)/.exec(image.arguments)?.[1];
  return [
    ...(lacking.length > 0
      ? [finding(image, Severity.BLOCK, `has no driver for the target's disks: ${lacking.join(', ')}`)]
      : []),
    ...(root !== undefined && isHardwareName(root)
      ? [finding(image, Severity.BLOCK, `names its root by hardware (root=${root})`)]
      : []),
    ...withoutArguments(image, version, wants),
  ];
}

function withoutArguments(
  image: UnifiedKernel,
  version: string,
  { serialConsole, kernelArguments }: Pick<GuestRequirements, 'serialConsole' | 'kernelArguments'>,
): Finding[] {
  const wanted = [...(serialConsole === undefined ? [] : [`console=${serialConsole}`]), ...kernelArguments];
  const lacking = wanted.filter((argument) => !image.arguments.includes(argument));
  if (lacking.length === 0) return [];
  return [
    {
      ...finding(image, Severity.WARN, `starts kernel ${version} without ${lacking.join(' ')}`),
      code: 'guest.unified-arguments',
    },
  ];
}

/** Images of which nothing can be said, because no kernel of the guest goes with them. */
export function unknownImages(images: readonly UnifiedKernel[], kernels: readonly KernelFacts[]): Finding[] {
  return images
    .filter((image) => !kernels.some(({ unified }) => unified === image))
    .map((image) => finding(image, Severity.WARN, 'does not say which kernel of the guest it holds'));
}

function finding(image: UnifiedKernel, severity: Severity, what: string): Finding {
  return {
    code: 'guest.unified-kernel',
    severity,
    subject: image.path,
    message: `The unified kernel image ${image.path} ${what}, and nothing can be added to it without breaking its signature.`,
    remedy:
      'Build it anew in the original machine with the drivers of the target and root=UUID=..., or start from an ordinary boot entry, and back it up again.',
  };
}
