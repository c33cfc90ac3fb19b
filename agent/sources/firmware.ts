/** Firmware and Secure Boot, which metadata states apart and sometimes against each other. */
import { warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';
import { Firmware } from '../../proto/gen/ascend/v1/machine.ts';
import type { Facts } from './facts.ts';

export interface StatedFirmware {
  firmware: { value: Firmware; key: string };
  secureBoot: { value: boolean | undefined; key: string };
}

/** Platforms start a machine by its firmware; Secure Boot without UEFI is without effect. */
export function settleFirmware(
  { firmware, secureBoot }: StatedFirmware,
  facts: Facts,
): { firmware: Firmware; secureBoot: boolean | undefined } {
  if (firmware.value !== Firmware.UNSPECIFIED) facts.note('firmware', firmware.value, firmware.key);
  const isBios = firmware.value === Firmware.BIOS;
  if (isBios && secureBoot.value === true) {
    const what = `turns Secure Boot on (${secureBoot.key}) and sets the firmware to BIOS (${firmware.key}), which cannot do it`;
    facts.findings.push(firmwareContradiction(facts.file, what));
  }
  const settled = isBios ? false : secureBoot.value;
  return {
    firmware: firmware.value,
    secureBoot: facts.note('secureBoot', settled, isBios ? firmware.key : secureBoot.key),
  };
}

/** `what` follows the name of the file: "turns Secure Boot on and sets the firmware to BIOS". */
export function firmwareContradiction(file: string, what: string): Finding {
  const remedy =
    'Look at the boot disk: an EFI system partition speaks for UEFI. Correct the file where it is wrong.';
  return warn('machine.firmware-contradiction', file, `${file} ${what}.`, remedy);
}
