import { expect, it } from 'vitest';
import { Firmware } from '../../proto/gen/ascend/v1/machine.ts';
import { asFirmwareStarts, fidelityOf, type TwinHardware } from './hardware.ts';

const on = (firmware: Firmware, disk: TwinHardware['disk']): TwinHardware => ({
  firmware,
  secureBoot: false,
  tpm: false,
  disk,
  nic: 'vmxnet3',
  sameStorage: true,
  sameNetwork: true,
});

it.each([
  ['BIOS from pvscsi', on(Firmware.BIOS, 'pvscsi'), 'pvscsi', 'exact'],
  ['UEFI from NVMe', on(Firmware.UEFI, 'nvme'), 'nvme', 'exact'],
  ['UEFI from pvscsi', on(Firmware.UEFI, 'pvscsi'), 'ahci', 'nearest'],
  ['UEFI from LSI SAS', on(Firmware.UEFI, 'lsi-sas'), 'ahci', 'nearest'],
])("claims of %s what the twin's firmware can start from", (_name, wanted, disk, fidelity) => {
  const hardware = asFirmwareStarts(wanted);
  expect(hardware.disk).toBe(disk);
  expect(fidelityOf(hardware)).toBe(fidelity);
});
