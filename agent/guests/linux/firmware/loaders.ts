/**
 * What a machine starts from. By UEFI: the list of boot entries stays behind with the old machine, so the loader must lie
 * where firmware looks without one, \EFI\BOOT\BOOTX64.EFI. By BIOS: the first sector of a disk must hold code.
 * Source: UEFI specification 2.10, section 3.5.1.1 "Removable Media Boot Behavior".
 */
import { Firmware } from '../../../../proto/gen/ascend/v1/machine.ts';
import type { GuestFiles } from '../../files.ts';
import type { Fix } from '../../fix.ts';
import type { ContentProof } from '../../proof.ts';
import type { GuestRequirements } from '../../requirements.ts';
import type { DiskStarts } from './disk-starts.ts';

export interface FirmwareFacts extends DiskStarts {
  /** Where the EFI system partition is mounted; undefined where there is none with a loader. */
  esp: string | undefined;
  /** Loaders on it: paths below `esp`, as written there. */
  loaders: readonly string[];
  /** In /boot. */
  freeBytes: bigint;
}

const MOUNT_POINTS = ['/boot/efi', '/efi', '/boot'];

export async function readFirmware(files: GuestFiles, starts: DiskStarts): Promise<FirmwareFacts> {
  const freeBytes = (await files.test('is-dir', '/boot')) ? await files.freeBytes('/boot') : 0n;
  for (const esp of MOUNT_POINTS) {
    const efi = (await files.list(esp)).find((name) => name.toLowerCase() === 'efi');
    const loaders = efi === undefined ? [] : await loadersIn(files, esp, efi);
    if (loaders.length > 0) return { ...starts, esp, loaders, freeBytes };
  }
  return { ...starts, esp: undefined, loaders: [], freeBytes };
}

async function loadersIn(files: GuestFiles, esp: string, efi: string): Promise<string[]> {
  const loaders: string[] = [];
  for (const vendor of await files.list(`${esp}/${efi}`)) {
    const names = await files.list(`${esp}/${efi}/${vendor}`);
    loaders.push(...names.filter((name) => /\.efi$/i.test(name)).map((name) => `/${efi}/${vendor}/${name}`));
  }
  return loaders;
}

/** Firmware that finds nothing says no more than that: the content says why. */
export function proveLoader(
  { esp, loaders }: Pick<FirmwareFacts, 'esp' | 'loaders'>,
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

export const FALLBACK = /\/boot\/boot(?:x64|aa64|ia32)\.efi$/i;

/** File names by architecture: BOOTX64.EFI from shimx64.efi, grubx64.efi or systemd-bootx64.efi. */
export function fallbackLoader({ esp = '', loaders }: FirmwareFacts): Fix[] {
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
