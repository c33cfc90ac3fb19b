/** The twin's hardware as QEMU's arguments: pure. Source: qemu-system-x86_64(1), `-device help` of QEMU 7.2. */
import { Firmware } from '../../../proto/gen/ascend/v1/machine.ts';
import type { TwinDisk, TwinHardware, TwinNic } from '../hardware.ts';

export interface TwinParts {
  hardware: TwinHardware;
  /** QCOW2 files, the boot disk first. Nothing is written to them. */
  disks: readonly string[];
  /** MAC addresses; undefined: QEMU's own. Each on a wire of its own, a unix socket that listens. */
  nics: readonly { mac: string | undefined; socket: string }[];
  memoryMiB: number;
  processors: number;
  kvm: boolean;
  /** Of the code and of this run's own copy of the variables; undefined for BIOS. */
  pflash: { code: string; variables: string } | undefined;
  /** Of swtpm. */
  tpmSocket: string | undefined;
  qmpSocket: string;
  serialSocket: string;
}

/** How many disks fit on the twin's controller: ports of PIIX3 and ICH9, slots of the buses for the others. */
export const DISK_PLACES: Readonly<Record<TwinDisk, number>> = {
  ide: 4,
  ahci: 6,
  'lsi-sas': 8,
  'virtio-blk': 16,
  nvme: 16,
  'virtio-scsi': 64,
  pvscsi: 64,
};
export const NIC_PLACES = 8;

export function twinArguments(parts: TwinParts): string[] {
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-vga', 'std'],
    // The guest is anybody's: QEMU itself may start nothing and gain nothing.
    ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
    ...machine(parts),
    ...(parts.pflash ? firmware(parts.pflash) : []),
    ...channel('qmp', parts.qmpSocket),
    ...['-mon', 'chardev=qmp,mode=control'],
    ...channel('serial0', parts.serialSocket),
    ...['-serial', 'chardev:serial0'],
    ...diskArguments(parts.hardware.disk, parts.disks),
    ...parts.nics.flatMap(({ mac, socket }, index) => nic(parts.hardware.nic, mac, socket, index)),
    ...(parts.tpmSocket ? tpm(parts.tpmSocket) : []),
  ];
}

function machine({ hardware, memoryMiB, processors, kvm }: TwinParts): string[] {
  // Q35 has no IDE, and the older board has no PCI Express and no System Management Mode that Secure Boot asks for.
  const board = hardware.disk === 'ide' ? 'pc' : 'q35';
  const smm = hardware.secureBoot ? ',smm=on' : '';
  return [
    ...['-machine', `${board}${smm}`],
    ...(kvm ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,thread=multi', '-cpu', 'max']),
    ...['-smp', String(processors), '-m', String(memoryMiB)],
    // Nothing but what has a place in the boot order is tried.
    ...['-boot', 'strict=on'],
    ...(hardware.secureBoot ? ['-global', 'driver=cfi.pflash01,property=secure,value=on'] : []),
  ];
}

function firmware({ code, variables }: { code: string; variables: string }): string[] {
  return [
    ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${escaped(code)}`],
    ...['-drive', `if=pflash,unit=1,format=raw,file=${escaped(variables)}`],
  ];
}

function channel(id: string, socket: string): string[] {
  return ['-chardev', `socket,id=${id},path=${escaped(socket)},server=off`];
}

const CONTROLLERS: Readonly<Record<TwinDisk, readonly string[]>> = {
  'virtio-blk': [],
  nvme: [],
  ide: [],
  ahci: [],
  'virtio-scsi': ['-device', 'virtio-scsi-pci,id=scsi0'],
  pvscsi: ['-device', 'pvscsi,id=scsi0'],
  'lsi-sas': ['-device', 'mptsas1068,id=scsi0'],
};

/** QCOW2 files on one controller, in boot order. Nothing is written to them. */
export function diskArguments(kind: TwinDisk, paths: readonly string[]): string[] {
  return [...CONTROLLERS[kind], ...paths.flatMap((path, index) => disk(kind, path, index))];
}

function disk(kind: TwinDisk, path: string, index: number): string[] {
  // snapshot=on: what the guest writes goes into a file of QEMU's that has no name, and so cannot be left behind.
  const drive = `id=disk${index},if=none,format=qcow2,snapshot=on,cache=unsafe,file=${escaped(path)}`;
  return ['-drive', drive, '-device', `${device(kind, index)},drive=disk${index},bootindex=${index + 1}`];
}

function device(kind: TwinDisk, index: number): string {
  switch (kind) {
    case 'virtio-blk':
      return 'virtio-blk-pci';
    case 'nvme':
      return `nvme,serial=twin${index}`;
    case 'ide':
      return `ide-hd,bus=ide.${Math.floor(index / 2)},unit=${index % 2}`;
    case 'ahci':
      return `ide-hd,bus=ide.${index}`;
    case 'virtio-scsi':
    case 'pvscsi':
      return `scsi-hd,bus=scsi0.0,scsi-id=${index}`;
    case 'lsi-sas':
      // Without a SAS address of their own Linux sees none of the disks (mptsas of 6.1 on QEMU 7.2).
      return `scsi-hd,bus=scsi0.0,scsi-id=${index},wwn=0x${(WWN + BigInt(index)).toString(16)}`;
  }
}

// NAA 5, of no vendor that makes disks.
const WWN = 0x5a5ce4d000000000n;

/** Names of QEMU's devices. */
export const NICS: Readonly<Record<TwinNic, string>> = {
  'virtio-net': 'virtio-net-pci',
  vmxnet3: 'vmxnet3',
  e1000e: 'e1000e',
  e1000: 'e1000',
};

function nic(kind: TwinNic, mac: string | undefined, socket: string, index: number): string[] {
  return [
    ...['-netdev', `stream,id=net${index},server=off,addr.type=unix,addr.path=${escaped(socket)}`],
    // Without its boot ROM: with BIOS, every frame on the wire is then of the guest's own system.
    ...['-device', `${NICS[kind]},netdev=net${index},romfile=${mac ? `,mac=${mac}` : ''}`],
  ];
}

function tpm(socket: string): string[] {
  return [
    ...['-chardev', `socket,id=tpm,path=${escaped(socket)}`],
    ...['-tpmdev', 'emulator,id=tpm0,chardev=tpm', '-device', 'tpm-crb,tpmdev=tpm0'],
  ];
}

/** In QEMU's option lists a comma is written twice. */
function escaped(path: string): string {
  return path.replaceAll(',', ',,');
}

export function needsOvmf({ firmware: kind }: TwinHardware): boolean {
  return kind === Firmware.UEFI;
}
