/**
 * What a machine starts from. By UEFI: the list of boot entries stays behind with the old machine, so the loader must lie
 * where firmware looks without one, \EFI\BOOT\BOOTX64.EFI. By BIOS: the first sector of a disk must hold code.
 * Source: UEFI specification 2.10, section 3.5.1.1 "Removable Media Boot Behavior".
 */
import { Severity, type Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import { Firmware } from '../../../proto/gen/ascend/v1/machine.ts';
import type { Fix, FixPlan } from '../fix.ts';
import type { GuestFiles } from '../files.ts';
import type { ContentProof } from '../proof.ts';
import type { GuestRequirements } from '../requirements.ts';

export interface FirmwareFacts {
  /** Where the EFI system partition is mounted; undefined where there is none with a loader. */
  esp: string | undefined;
  /** Loaders on it: paths below `esp`, as written there. */
  loaders: readonly string[];
  /** Whether a disk's first sector holds code. */
  startsByBios: boolean;
}

const MOUNT_POINTS = ['/boot/efi', '/efi', '/boot'];

export async function readFirmware(files: GuestFiles, startsByBios: boolean): Promise<FirmwareFacts> {
  for (const esp of MOUNT_POINTS) {
    const efi = (await files.list(esp)).find((name) => name.toLowerCase() === 'efi');
    const loaders = efi === undefined ? [] : await loadersIn(files, esp, efi);
    if (loaders.length > 0) return { esp, loaders, startsByBios };
  }
  return { esp: undefined, loaders: [], startsByBios };
}

async function loadersIn(files: GuestFiles, esp: string, efi: string): Promise<string[]> {
  const loaders: string[] = [];
  for (const vendor of await files.list(`${esp}/${efi}`)) {
    const names = await files.list(`${esp}/${efi}/${vendor}`);
    loaders.push(...names.filter((name) => /\.efi$/i.test(name)).map((name) => `/${efi}/${vendor}/${name}`));
  }
  return loaders;
}

export function planFirmware(facts: FirmwareFacts, { firmware }: GuestRequirements, name: string): FixPlan {
  if (firmware === Firmware.UEFI && facts.loaders.length === 0)
    return { fixes: [], findings: [mismatch(name, 'UEFI', 'no EFI system partition with a boot loader')] };
  // It does no harm to a machine of which nobody knows what it starts by.
  if (firmware !== Firmware.BIOS) return { fixes: fallbackLoader(facts), findings: [] };
  // Only where it is certain: a boot loader may lie where no sector shows it.
  const isUefiOnly = facts.loaders.length > 0 && !facts.startsByBios;
  const findings = isUefiOnly
    ? [mismatch(name, 'BIOS', 'no code in the first sector of any disk, and a loader for UEFI')]
    : [];
  return { fixes: [], findings };
}

/** Firmware that finds nothing says no more than that: the content says why. */
export function proveLoader(
  { esp, loaders }: FirmwareFacts,
  { firmware }: Pick<GuestRequirements, 'firmware'>,
): ContentProof[] {
  if (firmware !== Firmware.UEFI) return [];
  const fallback = loaders.find((path) => FALLBACK.test(path));
  const place = '\\EFI\\BOOT\\BOOTX64.EFI, where UEFI looks without the boot entries of the old machine';
  const others =
    loaders.length > 0 ? `there is ${loaders.join(', ')} only` : 'there is no boot loader for UEFI';
  const proof = fallback ? `The boot loader is ${esp}${fallback}.` : `nothing is at ${place}; ${others}.`;
  return [{ about: 'loader', subject: 'EFI system partition', holds: fallback !== undefined, proof }];
}

const FALLBACK = /\/boot\/boot(?:x64|aa64|ia32)\.efi$/i;

/** File names by architecture: BOOTX64.EFI from shimx64.efi, grubx64.efi or systemd-bootx64.efi. */
function fallbackLoader({ esp = '', loaders }: FirmwareFacts): Fix[] {
  const at = (pattern: RegExp) => loaders.find((path) => pattern.test(path));
  if (at(FALLBACK)) return [];
  const source = at(/\/shimx64\.efi$/i) ?? at(/\/grubx64\.efi$/i) ?? at(/\/systemd-bootx64\.efi$/i);
  if (source === undefined) return [];
  const [, efi = 'EFI'] = source.split('/');
  const folder = `${esp}/${efi}/BOOT`;
  const copies: [string, string][] = [[source, 'BOOTX64.EFI']];
  // shim starts the loader that lies beside it.
  if (/shimx64/i.test(source)) {
    const beside = source.slice(0, source.lastIndexOf('/'));
    for (const companion of ['grubx64.efi', 'mmx64.efi']) {
      const found = loaders.find((path) => path.toLowerCase() === `${beside}/${companion}`.toLowerCase());
      if (found) copies.push([found, companion]);
    }
  }
  return [
    {
      name: 'linux.efi-fallback',
      summary: `Put the boot loader where UEFI looks without boot entries, which stay behind with the old machine: from ${source}.`,
      changes: copies.map(([from, to]) => ({ kind: 'copy', from: `${esp}${from}`, path: `${folder}/${to}` })),
    },
  ];
}

function mismatch(name: string, wanted: string, why: string): Finding {
  return {
    code: 'guest.firmware',
    severity: Severity.BLOCK,
    subject: name,
    message: `The target starts this machine by ${wanted}, but its disks hold ${why}.`,
    remedy:
      wanted === 'UEFI'
        ? 'Restore it to a machine that starts by BIOS, e.g. generation 1 of Hyper-V.'
        : 'Restore it to a machine that starts by UEFI, e.g. generation 2 of Hyper-V.',
  };
}
