import { crc32 } from 'node:zlib';
import { expect, it } from 'vitest';
import { Firmware } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { FixPlan } from '../../fix.ts';
import type { GuestRequirements } from '../../requirements.ts';
import type { FirmwareFacts } from './loaders.ts';
import { SECTOR, TABLE_SECTORS, tableWith, type DiskStart, type PartitionTable } from './partition-table.ts';
import { planFirmware } from './plan.ts';
import type { ConversionFacts } from './to-uefi.ts';

const MIB = 2048;
const UUID = '6d2f0a4e-51c7-4b0b-9f3e-8a7c1d24e905';
const LINUX = { gpt: '0fc63daf-8483-4772-8e79-3d69d8477de4', mbr: 0x83, name: 'root' };

/** 1 GiB with partitions of whole MiB, as [start, size]. */
function disk(kind: PartitionTable['kind'], ...partitions: [number, number][]): DiskStart {
  let made: DiskStart = { device: '/dev/sda', sectors: 1024 * MIB, start: emptyTable(kind) };
  for (const [index, [start, size]] of partitions.entries()) {
    const place = { firstSector: start * MIB, lastSector: (start + size) * MIB - 1 };
    const table = { kind } as PartitionTable;
    const changed = Buffer.from(made.start);
    for (const { offsetBytes, content } of tableWith(made, table, {
      number: index + 1,
      type: LINUX,
      ...place,
    }))
      if (offsetBytes < changed.length) content.copy(changed, offsetBytes);
    made = { ...made, start: changed };
  }
  return made;
}

function emptyTable(kind: PartitionTable['kind']): Buffer {
  const start = Buffer.alloc(TABLE_SECTORS * SECTOR);
  start.writeUInt16LE(0xaa55, 510);
  if (kind === 'mbr') return start;
  start.writeUInt8(0xee, 450);
  const header = start.subarray(SECTOR, SECTOR + 92);
  header.write('EFI PART\0\0\x01\0\x5c', 'latin1');
  header.writeBigUInt64LE(1n, 24);
  header.writeBigUInt64LE(2048n, 40);
  header.writeBigUInt64LE(2n, 72);
  header.writeUInt32LE(128, 80);
  header.writeUInt32LE(128, 84);
  header.writeUInt32LE(crc32(start.subarray(2 * SECTOR)), 88);
  header.writeUInt32LE(crc32(header), 16);
  return start;
}

const bios = (bootDisk: DiskStart | undefined): FirmwareFacts => ({
  esp: undefined,
  loaders: [],
  startsByBios: true,
  bootDisk,
  grub: new Set(['x86_64-efi', 'i386-pc']),
  freeBytes: 100n * 1024n ** 2n,
});
const uefi = (bootDisk: DiskStart | undefined): FirmwareFacts => ({
  ...bios(bootDisk),
  esp: '/boot/efi',
  loaders: ['/EFI/debian/grubx64.efi'],
  startsByBios: false,
});

const text = `menuentry 'x' {\n\tsearch --fs-uuid --set=root ${UUID}\n\tlinux /boot/vmlinuz-6.1 root=UUID=${UUID}\n}\n`;
const guest = (firmware: FirmwareFacts): ConversionFacts => ({
  firmware,
  name: 'Debian GNU/Linux 12',
  bootFiles: [{ path: '/boot/grub/grub.cfg', kind: 'grub', text }],
  fstab: `UUID=${UUID} / ext4 defaults 0 1`,
  root: {
    device: '/dev/sda1',
    spec: `UUID=${UUID}`,
    uuids: new Map([['/dev/sda1', UUID]]),
    aliases: new Map(),
  },
  kernels: [{ version: '6.1', startsByUefi: true }],
});

function planned(facts: ConversionFacts, firmware: Firmware, convertFirmware = true): FixPlan {
  const wants: GuestRequirements = {
    firmware,
    convertFirmware,
    storage: 'virtio-blk',
    network: 'virtio-net',
    serialConsole: undefined,
    kernelArguments: [],
    guestAgent: undefined,
    cloud: undefined,
    nics: [],
    supplies: {},
  };
  return planFirmware(facts, wants);
}

const only = (plan: FixPlan) => {
  expect(plan.fixes).toHaveLength(1);
  return plan.fixes[0]?.changes ?? [];
};

it.each([
  ['mbr', 2],
  ['gpt', 2],
] as const)(
  'gives a BIOS guest on %s an EFI system partition in the first free space, and GRUB on it',
  (kind, number) => {
    const plan = planned(guest(bios(disk(kind, [1, 900]))), Firmware.UEFI);
    expect(plan.findings).toMatchObject([{ code: 'guest.firmware-changed' }]);
    const changes = only(plan);
    expect(changes.map((change) => [change.kind, change.path])).toEqual([
      ['partition', '/dev/sda'],
      ['device-bytes', `/dev/sda${number}`],
      ['mount', '/boot/efi'],
      ['grub-loader', '/boot/efi/EFI/BOOT/BOOTX64.EFI'],
      ['grub-modules', '/boot/grub/x86_64-efi'],
      ['write', '/etc/fstab'],
    ]);
    const [partition] = changes;
    expect(partition).toMatchObject({ firstSector: 901 * MIB });
    expect(changes.at(-1)).toMatchObject({
      content: expect.stringMatching(
        /^UUID=\S+ \/ ext4 defaults 0 1\nUUID=[0-9A-F]{4}-[0-9A-F]{4} {2}\/boot\/efi {2}vfat {2}umask=0077,nofail {2}0 {2}0\n$/,
      ) as string,
    });
  },
);

it('takes the same bytes each time: what is planned again is the same plan', () => {
  const facts = guest(bios(disk('gpt', [1, 900])));
  expect(planned(facts, Firmware.UEFI)).toEqual(planned(facts, Firmware.UEFI));
});

it('gives a UEFI guest a BIOS boot partition in front of the first one', () => {
  const changes = only(planned(guest(uefi(disk('gpt', [1, 1022]))), Firmware.BIOS));
  expect(changes.map((change) => [change.kind, change.path])).toEqual([
    ['partition', '/dev/sda'],
    ['grub-modules', '/boot/grub/i386-pc'],
    ['grub-boot-sectors', '/dev/sda'],
  ]);
  expect(changes.at(-1)).toMatchObject({ at: { firstSector: 34, lastSector: 2047 } });
});

it('uses the gap behind an MBR, where no partition needs to be', () => {
  const changes = only(planned(guest(uefi(disk('mbr', [1, 1020]))), Firmware.BIOS));
  expect(changes.map(({ kind }) => kind)).toEqual(['grub-modules', 'grub-boot-sectors']);
  expect(changes.at(-1)).toMatchObject({ at: { firstSector: 1, lastSector: 2047 } });
});

it.each<[string, ConversionFacts, Firmware, RegExp]>([
  ['no room', guest(bios(disk('mbr', [1, 1010]))), Firmware.UEFI, /no 34 MiB without a partition/],
  [
    'a full table',
    guest(bios(disk('mbr', [1, 1], [2, 1], [3, 1], [4, 1]))),
    Firmware.UEFI,
    /the table of partitions of \/dev\/sda is full/,
  ],
  ['no table', guest(bios(undefined)), Firmware.UEFI, /no disk/],
  [
    'a kernel of 32 bits',
    { ...guest(bios(disk('mbr', [1, 900]))), kernels: [{ version: '6.1', startsByUefi: false }] },
    Firmware.UEFI,
    /kernel 6\.1 is not built for UEFI/,
  ],
  [
    'something else on /boot/efi',
    { ...guest(bios(disk('mbr', [1, 900]))), fstab: 'UUID=1234-5678 /boot/efi vfat defaults 0 1\n' },
    Firmware.UEFI,
    /mounts something on \/boot\/efi/,
  ],
  [
    'a host without GRUB',
    guest({ ...bios(disk('mbr', [1, 900])), grub: new Set() }),
    Firmware.UEFI,
    /apt-get install grub-efi-amd64-bin/,
  ],
  [
    'a full /boot',
    guest({ ...uefi(disk('gpt', [1, 900])), freeBytes: 1000n }),
    Firmware.BIOS,
    /\/boot has 1000 bytes left/,
  ],
  ['no GRUB', { ...guest(uefi(disk('gpt', [1, 900]))), bootFiles: [] }, Firmware.BIOS, /no menu of GRUB 2/],
])('refuses a guest with %s, and says why', (_what, facts, firmware, why) => {
  const { fixes, findings } = planned(facts, firmware);
  expect(fixes).toEqual([]);
  expect(findings).toMatchObject([{ code: 'guest.firmware' }]);
  expect(findings[0]?.message).toContain('It cannot be changed: ');
  expect(findings[0]?.message).toMatch(why);
});

it.each([
  ['a BIOS guest by UEFI', bios(disk('mbr', [1, 900])), Firmware.UEFI, '(--firmware uefi)'],
  ['a UEFI guest by BIOS', uefi(disk('gpt', [1, 900])), Firmware.BIOS, '(--firmware bios)'],
])('refuses %s that nobody asked to change, and offers to', (_what, firmware, target, offer) => {
  const { fixes, findings } = planned(guest(firmware), target, false);
  expect(fixes).toEqual([]);
  expect(findings).toMatchObject([{ code: 'guest.firmware' }]);
  expect(findings[0]?.remedy).toContain(offer);
});

it('offers nothing that it cannot do', () => {
  const { findings } = planned(guest(bios(disk('mbr', [1, 1010]))), Firmware.UEFI, false);
  expect(findings[0]?.remedy).not.toContain('--firmware');
});

it.each([
  ['a BIOS guest by BIOS', bios(disk('mbr', [1, 900])), Firmware.BIOS],
  ['a guest with both by BIOS', { ...uefi(disk('gpt', [1, 900])), startsByBios: true }, Firmware.BIOS],
  ['a BIOS guest by what nobody knows', bios(undefined), Firmware.UNSPECIFIED],
  ['a changed one by UEFI', { ...bios(undefined), loaders: ['/EFI/BOOT/BOOTX64.EFI'] }, Firmware.UEFI],
])('has nothing to do for %s', (_what, firmware, target) => {
  expect(planned(guest(firmware), target)).toEqual({ fixes: [], findings: [] });
});

it('says what the disks know of the firmware and the metadata does not', () => {
  const codes = (firmware: FirmwareFacts, wanted: Firmware) =>
    planned(guest(firmware), wanted).findings.map(({ code }) => code);
  expect(codes(uefi(disk('gpt', [1, 900])), Firmware.UNSPECIFIED)).toEqual(['guest.firmware-unstated']);
  const both = { ...uefi(disk('gpt', [1, 900])), startsByBios: true };
  expect(codes(both, Firmware.UNSPECIFIED)).toEqual([]);
  const images = { ...uefi(disk('gpt', [1, 900])), loaders: ['/EFI/Linux/debian.efi'] };
  expect(codes(images, Firmware.UEFI)).toEqual(['guest.no-fallback-loader']);
});
