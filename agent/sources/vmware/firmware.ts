/** Firmware and Secure Boot, which a configuration states apart and sometimes against each other. */
import { warn } from '../../../proto/finding.ts';
import { Firmware } from '../../../proto/gen/ascend/v1/machine.ts';
import type { Facts } from './facts.ts';

export interface StatedFirmware {
  firmware: { value: Firmware; key: string };
  secureBoot: { value: boolean | undefined; key: string };
}

/** VMware starts a machine by its firmware setting; Secure Boot without UEFI is without effect there. */
export function settleFirmware(
  { firmware, secureBoot }: StatedFirmware,
  facts: Facts,
): { firmware: Firmware; secureBoot: boolean | undefined } {
  if (firmware.value !== Firmware.UNSPECIFIED) facts.note('firmware', firmware.value, firmware.key);
  const isBios = firmware.value === Firmware.BIOS;
  if (isBios && secureBoot.value === true) {
    facts.findings.push(
      warn(
        'machine.firmware-contradiction',
        facts.file,
        `${facts.file} turns Secure Boot on (${secureBoot.key}) and sets the firmware to BIOS (${firmware.key}), which cannot do it.`,
        'The machine is taken for one with BIOS, as VMware starts it. If its system disk is made for UEFI, correct the file.',
      ),
    );
  }
  const settled = isBios ? false : secureBoot.value;
  return {
    firmware: firmware.value,
    secureBoot: facts.note('secureBoot', settled, isBios ? firmware.key : secureBoot.key),
  };
}

/** `bios` or `efi`, in any case. */
export function firmwareOf(text: string | undefined): Firmware {
  const name = text?.toLowerCase();
  if (name === 'efi' || name === 'uefi') return Firmware.UEFI;
  return name === 'bios' ? Firmware.BIOS : Firmware.UNSPECIFIED;
}
