/** A guest starts by what its target has: it can already, it is changed where that was asked for, or it is refused. */
import { block, warn } from '../../../../proto/finding.ts';
import type { Finding } from '../../../../proto/gen/ascend/v1/finding.ts';
import { Firmware } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { FixPlan } from '../../fix.ts';
import type { GuestRequirements } from '../../requirements.ts';
import { FALLBACK, fallbackLoader } from './loaders.ts';
import { toBios } from './to-bios.ts';
import { toUefi, type ConversionFacts } from './to-uefi.ts';

/** `fstab` as the other fixes leave it. */
export function planFirmware(facts: ConversionFacts, wants: GuestRequirements): FixPlan {
  const { loaders, startsByBios } = facts.firmware;
  if (wants.firmware === Firmware.UEFI && loaders.length === 0)
    return changed(facts, wants, 'UEFI', 'no EFI system partition with a boot loader');
  // It does no harm to a machine of which nobody knows what it starts by.
  if (wants.firmware !== Firmware.BIOS)
    return { fixes: fallbackLoader(facts.firmware), findings: uefiFindings(facts, wants.firmware) };
  // Only where it is certain: a boot loader may lie where no sector shows it.
  const isUefiOnly = loaders.length > 0 && !startsByBios;
  return isUefiOnly
    ? changed(facts, wants, 'BIOS', 'no code in the first sector of any disk, and a loader for UEFI')
    : { fixes: [], findings: [] };
}

/** What the content says and the metadata does not, and what the firmware of another machine would not find. */
function uefiFindings({ firmware, name }: ConversionFacts, wanted: Firmware): Finding[] {
  const { loaders, startsByBios } = firmware;
  if (wanted === Firmware.UNSPECIFIED && loaders.length > 0 && !startsByBios) {
    const message =
      'The metadata does not say what this machine starts by; its disks hold a loader for UEFI alone, and a target that is not told starts machines by BIOS.';
    return [warn('guest.firmware-unstated', name, message, 'Say it with the restore: --firmware uefi.')];
  }
  const isFound = loaders.some((path) => FALLBACK.test(path)) || fallbackLoader(firmware).length > 0;
  if (wanted !== Firmware.UEFI || isFound) return [];
  const message = `Nothing is at \\EFI\\BOOT\\BOOTX64.EFI, where UEFI looks without the boot entries of the old machine, and none of ${loaders.join(', ')} is known to be a boot loader.`;
  const remedy = 'Add a boot entry in the firmware of the restored machine, or the file in the original one.';
  return [warn('guest.no-fallback-loader', name, message, remedy)];
}

function changed(
  facts: ConversionFacts,
  { convertFirmware = false }: GuestRequirements,
  to: 'UEFI' | 'BIOS',
  why: string,
): FixPlan {
  const change = to === 'UEFI' ? toUefi(facts) : toBios(facts);
  if (convertFirmware && typeof change !== 'string') return change;
  return { fixes: [], findings: [refused(facts.name, to, why, convertFirmware, change)] };
}

function refused(
  name: string,
  to: 'UEFI' | 'BIOS',
  why: string,
  asked: boolean,
  change: FixPlan | string,
): Finding {
  const other =
    to === 'UEFI'
      ? 'Restore it to a machine that starts by BIOS, e.g. generation 1 of Hyper-V.'
      : 'Restore it to a machine that starts by UEFI, e.g. generation 2 of Hyper-V.';
  const message = `The target starts this machine by ${to}, but its disks hold ${why}.`;
  if (typeof change !== 'string') {
    const ask = `Have it changed in the copy (--firmware ${to.toLowerCase()}), or restore`;
    return block('guest.firmware', name, message, other.replace('Restore', ask));
  }
  const refusal = asked ? `${message} It cannot be changed: ${change}.` : message;
  return block('guest.firmware', name, refusal, other);
}
