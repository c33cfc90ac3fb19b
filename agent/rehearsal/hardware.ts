/** What a rehearsal must emulate, and how near to the target QEMU can come: pure data that every target states. */
import { Firmware } from '../../proto/gen/ascend/v1/machine.ts';

export interface TwinHardware {
  firmware: Firmware;
  secureBoot: boolean;
  tpm: boolean;
  /** Of QEMU, for the boot disk and all others. */
  disk: TwinDisk;
  nic: TwinNic;
  /** The target's own controller is what `disk` emulates; otherwise `disk` is the nearest that a twin starts from. */
  sameStorage: boolean;
  /** Likewise the network card. */
  sameNetwork: boolean;
}

export type TwinDisk = 'virtio-blk' | 'virtio-scsi' | 'pvscsi' | 'lsi-sas' | 'ahci' | 'ide' | 'nvme';

export type TwinNic = 'virtio-net' | 'vmxnet3' | 'e1000e' | 'e1000';

/** What a boot of the twin proves. */
export type Fidelity = 'exact' | 'storage-only' | 'nearest';

export function fidelityOf({ sameStorage, sameNetwork }: TwinHardware): Fidelity {
  if (!sameStorage) return 'nearest';
  return sameNetwork ? 'exact' : 'storage-only';
}

/**
 * The twin's UEFI has drivers for VirtIO, NVMe and SATA, and none for VMware's SCSI controllers: Debian builds OVMF
 * (2022.11) without PvScsiDxe and MptScsiDxe, and its shell then lists no disk at all.
 */
export function asFirmwareStarts(hardware: TwinHardware): TwinHardware {
  const { firmware, disk } = hardware;
  if (firmware !== Firmware.UEFI || (disk !== 'pvscsi' && disk !== 'lsi-sas')) return hardware;
  return { ...hardware, disk: 'ahci', sameStorage: false };
}
