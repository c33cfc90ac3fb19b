/** Firmware as VMware's configurations name it. */
import { Firmware } from '../../../proto/gen/ascend/v1/machine.ts';

/** `bios` or `efi`, in any case. */
export function firmwareOf(text: string | undefined): Firmware {
  const name = text?.toLowerCase();
  if (name === 'efi' || name === 'uefi') return Firmware.UEFI;
  return name === 'bios' ? Firmware.BIOS : Firmware.UNSPECIFIED;
}
