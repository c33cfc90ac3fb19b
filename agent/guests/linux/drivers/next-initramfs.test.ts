import { expect, it } from 'vitest';
import { Firmware } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { GuestRequirements } from '../../requirements.ts';
import type { KernelFacts } from '../boot/kernels.ts';
import { parseModuleIndex } from '../initramfs/modules.ts';
import { planNextKernel, type ToolFacts } from './next-initramfs.ts';

const wants: GuestRequirements = {
  firmware: Firmware.BIOS,
  storage: 'nvme',
  network: 'ena',
  serialConsole: undefined,
  kernelArguments: [],
  guestAgent: undefined,
  cloud: undefined,
  nics: [],
  supplies: {},
};
const kernel: KernelFacts = {
  version: '5.0',
  moduleDir: '/lib/modules/5.0',
  initramfsPath: '/boot/initrd-5.0',
  initramfs: undefined,
  index: parseModuleIndex('k/nvme.ko:\nk/virtio_blk.ko:\n', ''),
  indexFiles: [],
  gunzips: true,
  startsByUefi: true,
};

it.each<[ToolFacts['tool'], string | undefined, string | undefined]>([
  ['dracut', undefined, 'add_drivers+=" virtio_blk nvme "'],
  ['dracut', 'add_drivers+=" nvme "\n', undefined],
  ['mkinitcpio', '# x\nMODULES=()\nHOOKS=(base udev)\n', '# x\nMODULES=(virtio_blk nvme)\nHOOKS=(base udev)'],
  ['mkinitcpio', 'MODULES=(ext4 virtio-blk)\n', 'MODULES=(ext4 virtio-blk nvme)'],
  ['mkinitcpio', 'HOOKS=(base)\n', undefined],
  ['mkinitrd', 'INITRD_MODULES="mptspi ext3"\n', 'INITRD_MODULES="mptspi ext3 virtio_blk nvme"'],
  ['mkinitrd', 'INITRD_MODULES="nvme"\n', undefined],
])('tells %s, from %j: %j', (tool, text, expected) => {
  const [change] = planNextKernel([{ tool, path: '/x', text }], [kernel], wants).flatMap(
    ({ changes }) => changes,
  );
  const content = change?.kind === 'write' ? change.content : undefined;
  if (expected === undefined) expect(content).toBeUndefined();
  else expect(content).toContain(`${expected}\n`);
  if (content !== undefined)
    expect(planNextKernel([{ tool, path: '/x', text: content }], [kernel], wants)).toEqual([]);
});
