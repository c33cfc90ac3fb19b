import { rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { describeLinux } from './describe.ts';
import { readFacts } from './facts.ts';
import { FolderGuest } from './fixtures/folder-guest.ts';
import { copyOf } from './fixtures/miniature.ts';
import { miniatures, miniatureStarts } from './fixtures/miniatures.ts';
import { stackText, type Layer } from './storage/storage-stack.ts';

async function described(name: string): Promise<Record<string, readonly string[]>> {
  const miniature = miniatures.find((candidate) => candidate.name === name);
  if (!miniature) throw new Error(name);
  const root = await copyOf(miniature);
  try {
    const facts = await readFacts(new FolderGuest(root), miniature.root, miniatureStarts);
    return Object.fromEntries(describeLinux(facts).map((fact) => [fact.name, fact.values]));
  } finally {
    await rm(path.dirname(root), { recursive: true });
  }
}

it('says of a guest what decides how it starts', async () => {
  expect(await described('rhel8')).toEqual({
    distribution: ['rhel 8.9'],
    init: ['systemd'],
    kernels: ['4.18.0-513.el8.x86_64 with /boot/initramfs-4.18.0-513.el8.x86_64.img (dracut)'],
    initramfsTools: ['dracut'],
    bootLoader: ['GRUB 2 with Boot Loader Specification entries'],
    firmware: ['BIOS (code in the first sector of a disk)'],
    root: ['/dev/rhel/root'],
    mounts: ['/boot (xfs, UUID=boot-uuid)'],
    network: ['ifcfg: ens192, ens224'],
    agents: ['vmtoolsd.service', 'qemu-guest-agent.service'],
    selinux: ['permissive'],
    cloudInit: ['installed'],
  });
});

it.each<[string, Layer[]]>([
  ['partition sda1', [{ kind: 'partition', device: '/dev/sda1' }]],
  [
    'LVM volume vg0/root on LUKS on md RAID root (raid1) on partitions sda2, sdb2',
    [
      { kind: 'volume', device: '/dev/vg0/root' },
      { kind: 'encrypted', device: '/dev/mapper/luks-5f2a' },
      { kind: 'array', device: '/dev/md127', name: 'root', level: 'raid1' },
      { kind: 'partition', device: '/dev/sda2' },
      { kind: 'partition', device: '/dev/sdb2' },
    ],
  ],
])('says what the root lies on: %s', (text, layers) => {
  expect(stackText(layers)).toBe(text);
});
