import { expect, it } from 'vitest';
import { Firmware } from '../../../proto/gen/ascend/v1/machine.ts';
import type { TwinDisk, TwinHardware, TwinNic } from '../hardware.ts';
import { twinArguments, type TwinParts } from './arguments.ts';

const hardware: TwinHardware = {
  firmware: Firmware.BIOS,
  secureBoot: false,
  tpm: false,
  disk: 'virtio-blk',
  nic: 'virtio-net',
  sameStorage: true,
  sameNetwork: true,
};
const parts: TwinParts = {
  hardware,
  disks: ['/w/disk0.qcow2', '/w/disk1.qcow2'],
  nics: [{ mac: '00:50:56:9a:3c:10', socket: '/w/nic0.sock' }],
  memoryMiB: 1024,
  processors: 2,
  kvm: false,
  pflash: undefined,
  tpmSocket: undefined,
  qmpSocket: '/w/qmp.sock',
  serialSocket: '/w/serial.sock',
};
const line = (some: Partial<TwinParts>) => twinArguments({ ...parts, ...some }).join(' ');
const on = (disk: TwinDisk, nic: TwinNic = 'virtio-net') => line({ hardware: { ...hardware, disk, nic } });

it.each<[TwinDisk, board: string, first: string, second: string]>([
  ['virtio-blk', 'q35', 'virtio-blk-pci,drive=disk0,bootindex=1', 'virtio-blk-pci,drive=disk1,bootindex=2'],
  ['nvme', 'q35', 'nvme,serial=twin0,drive=disk0,bootindex=1', 'nvme,serial=twin1,drive=disk1,bootindex=2'],
  ['pvscsi', 'q35', 'pvscsi,id=scsi0 -drive', 'scsi-hd,bus=scsi0.0,scsi-id=1,drive=disk1,bootindex=2'],
  [
    'lsi-sas',
    'q35',
    'mptsas1068,id=scsi0 -drive',
    'scsi-hd,bus=scsi0.0,scsi-id=1,wwn=0x5a5ce4d000000001,drive=disk1,bootindex=2',
  ],
  [
    'virtio-scsi',
    'q35',
    'virtio-scsi-pci,id=scsi0 -drive',
    'scsi-hd,bus=scsi0.0,scsi-id=1,drive=disk1,bootindex=2',
  ],
  ['ahci', 'q35', 'ide-hd,bus=ide.0,drive=disk0,bootindex=1', 'ide-hd,bus=ide.1,drive=disk1,bootindex=2'],
  [
    'ide',
    'pc',
    'ide-hd,bus=ide.0,unit=0,drive=disk0,bootindex=1',
    'ide-hd,bus=ide.0,unit=1,drive=disk1,bootindex=2',
  ],
])('puts the disks on %s', (disk, board, first, second) => {
  expect(on(disk)).toContain(`-machine ${board} `);
  expect(on(disk)).toContain(`-device ${first}`);
  expect(on(disk)).toContain(`-device ${second}`);
});

it.each<[TwinNic, string]>([
  ['virtio-net', 'virtio-net-pci'],
  ['vmxnet3', 'vmxnet3'],
  ['e1000e', 'e1000e'],
  ['e1000', 'e1000'],
])(
  'gives the machine its own MAC address on %s, on a wire that leads to this process alone',
  (nic, device) => {
    const args = on('virtio-blk', nic);
    expect(args).toContain(`-device ${device},netdev=net0,romfile=,mac=00:50:56:9a:3c:10`);
    expect(args).toContain('-netdev stream,id=net0,server=off,addr.type=unix,addr.path=/w/nic0.sock');
    expect(args).not.toMatch(/-netdev (user|tap|bridge)|-nic /);
  },
);

it('writes to none of the disks', () => {
  const drives = twinArguments(parts).filter((argument) => argument.includes('if=none'));
  expect(drives).toHaveLength(2);
  for (const drive of drives) expect(drive).toContain('snapshot=on');
});

it('keeps a comma in a path from becoming an option', () => {
  expect(line({ disks: ['/w/a,format=raw.qcow2'] })).toContain('file=/w/a,,format=raw.qcow2');
});

it('starts by UEFI with variables of its own, and guards them for Secure Boot', () => {
  const pflash = { code: '/ovmf/code.fd', variables: '/w/vars.fd' };
  const uefi = { ...hardware, firmware: Firmware.UEFI };
  const open = line({ hardware: uefi, pflash });
  expect(open).toContain('if=pflash,unit=0,format=raw,readonly=on,file=/ovmf/code.fd');
  expect(open).toContain('if=pflash,unit=1,format=raw,file=/w/vars.fd');
  expect(open).not.toContain('smm=on');
  const guarded = line({ hardware: { ...uefi, secureBoot: true }, pflash });
  expect(guarded).toContain('-machine q35,smm=on');
  expect(guarded).toContain('driver=cfi.pflash01,property=secure,value=on');
});

it('takes what the host has: KVM or emulation, a TPM or none', () => {
  expect(line({ kvm: true })).toContain('-accel kvm -cpu host');
  expect(line({})).toContain('-accel tcg,thread=multi -cpu max');
  expect(line({})).not.toContain('tpm');
  expect(line({ tpmSocket: '/w/tpm.sock' })).toContain('-device tpm-crb,tpmdev=tpm0');
});

it('lets QEMU start no program of this host', () => {
  expect(line({})).toContain(
    '-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny',
  );
});
