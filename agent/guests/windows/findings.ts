/** What of a Windows guest cannot be mended while it is off: said before a byte is copied. */
import { block, info, warn } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import { Firmware } from '../../../proto/gen/ascend/v1/machine.ts';
import type { Fix } from '../fix.ts';
import type { GuestRequirements } from '../requirements.ts';
import type { Installation, WindowsFacts } from './facts.ts';
import type { Volume } from './volumes.ts';
import { FIRST_BUILD_WITH_DRIVER_DATABASE, isKnown } from './version.ts';

export function windowsFindings(
  { volumes, installation }: WindowsFacts,
  wants: GuestRequirements,
): Finding[] {
  if (installation === undefined) return lockedFindings(volumes);
  return [
    ...volumeFindings(volumes),
    ...stateFindings(installation),
    ...versionFindings(installation),
    ...firmwareFindings(installation, wants),
    ...registryFindings(installation),
  ];
}

/** Windows is there, behind something that only Windows opens. */
function lockedFindings(volumes: readonly Volume[]): Finding[] {
  return volumes.flatMap(({ kind, disk }) => {
    if (kind === 'bitlocker') {
      return [
        block(
          'guest.windows-bitlocker',
          `disk ${disk}`,
          'The volume of Windows is encrypted with BitLocker: it can neither be read nor be made to start elsewhere.',
          'On the original machine run "manage-bde -off C:", wait until "manage-bde -status" says "Fully Decrypted" (suspending is not enough), and back it up again.',
        ),
      ];
    }
    if (kind !== 'ldm') return [];
    return [
      block(
        'guest.windows-dynamic-disk',
        `disk ${disk}`,
        'Windows is on a dynamic disk (LDM), whose volumes cannot be opened here.',
        'Convert the system disk of the original machine to a basic one and back it up again.',
      ),
    ];
  });
}

function volumeFindings(volumes: readonly Volume[]): Finding[] {
  return volumes.flatMap(({ kind, disk }) => {
    if (kind === 'bitlocker') {
      return [
        warn(
          'guest.windows-bitlocker-data',
          `disk ${disk}`,
          'A data volume is encrypted with BitLocker: it is copied as it is, and asks for its recovery key on the target.',
          'Keep the recovery key at hand.',
        ),
      ];
    }
    if (kind !== 'ldm') return [];
    return [
      warn(
        'guest.windows-dynamic-data',
        `disk ${disk}`,
        'A data disk is dynamic (LDM): it is copied as it is, and Windows may show it as foreign.',
        'On the restored machine, import foreign disks in Disk Management.',
      ),
    ];
  });
}

const SHUT_DOWN =
  'On the original machine run "shutdown /s /f /t 0" with Fast Startup switched off ("powercfg /h off"), and back it up again.';

function stateFindings({ mounted, version, hives }: Installation): Finding[] {
  const { state } = mounted;
  if (state === 'hibernated') {
    return [
      block(
        'guest.windows-hibernated',
        version.name,
        'Windows was hibernated, or shut down with Fast Startup: its disk is in use by what lies in hiberfil.sys.',
        SHUT_DOWN,
      ),
    ];
  }
  if (state === 'read-only') {
    return [
      block(
        'guest.windows-not-writable',
        version.name,
        'The volume of Windows is not safe to write: it was neither closed nor left in a state that can be recovered.',
        SHUT_DOWN,
      ),
    ];
  }
  const running = (code: string, message: string) =>
    warn(code, version.name, message, 'Where that matters, back the machine up while it is shut down.');
  return [
    ...(state === 'unclean'
      ? [
          running(
            'guest.windows-unclean',
            'The backup was taken while Windows was writing: the log of its file system is closed as it is, and Windows may check the volume when it starts.',
          ),
        ]
      : []),
    ...(mounted.markedForCheck
      ? [
          info(
            'guest.windows-volume-check',
            version.name,
            'The volume of Windows is marked for a check: the first start makes it, and may take long before it shows more than a black screen.',
            'Nothing to do; to have it faster, restart the original machine and back it up again.',
          ),
        ]
      : []),
    ...hiveFindings(version.name, hives),
  ];
}

function hiveFindings(subject: string, hives: Installation['hives']): Finding[] {
  if (hives === 'whole') return [];
  if (hives === 'recovered') {
    return [
      info(
        'guest.windows-registry-recovered',
        subject,
        'The backup was taken while Windows was writing its registry: what was in its log alone is put into it, as Windows would at its start.',
        'Nothing to do.',
      ),
    ];
  }
  return [
    warn(
      'guest.windows-registry-unclean',
      subject,
      'The backup was taken while Windows was writing its registry, and its log does not fit: settings of the last minutes before it may be missing.',
      'Where that matters, back the machine up while it is shut down.',
    ),
  ];
}

function versionFindings({ version, currentControlSet }: Installation): Finding[] {
  const findings: Finding[] = [];
  if (!isKnown(version)) {
    const what = `${version.name}, build ${version.build || 'unknown'}, ${version.arch ?? 'unknown processor'}`;
    findings.push(
      block(
        'guest.windows-unknown-version',
        version.name,
        `This version of Windows is not known here: ${what}.`,
        'Windows 7 and Server 2008 R2 to Windows 11 and Server 2025 can be restored to other platforms.',
      ),
    );
  }
  if (currentControlSet === undefined) {
    findings.push(
      block(
        'guest.windows-no-control-set',
        version.name,
        'The registry does not say which of its control sets Windows starts with.',
        'Start the original machine, check its event log, and back it up again.',
      ),
    );
  }
  return findings;
}

function firmwareFindings({ mounted, version }: Installation, wants: GuestRequirements): Finding[] {
  const { firmware, storage, convertFirmware = false } = wants;
  if (
    storage === 'storvsc' &&
    firmware === Firmware.UEFI &&
    version.build < FIRST_BUILD_WITH_DRIVER_DATABASE
  ) {
    return [
      block(
        'guest.windows-generation',
        version.name,
        'Machines of generation 2 start from Windows 8 and Server 2012 on; this one is older.',
        'Choose generation 1 on the target (--option generation=1).',
      ),
    ];
  }
  const { esp, biosBootData } = mounted;
  if (esp === undefined && biosBootData === undefined) {
    return [
      block(
        'guest.windows-no-boot-manager',
        version.name,
        'Neither a boot manager for UEFI nor one for BIOS was found on the disk of Windows.',
        'Check that the backup holds the whole disk, with its system partition.',
      ),
    ];
  }
  const [needed, there] = firmware === Firmware.UEFI ? ['UEFI', 'BIOS'] : ['BIOS', 'UEFI'];
  if ((firmware === Firmware.UEFI ? esp : biosBootData) !== undefined) return [];
  return [
    block(
      'guest.windows-firmware',
      version.name,
      `Windows starts by ${there}, and the target would start it by ${needed}. That cannot be changed while it is off.`,
      (convertFirmware ? 'Leave out --firmware, which is for Linux guests alone. ' : '') +
        (firmware === Firmware.UEFI
          ? 'Choose a machine with BIOS on the target, or run "mbr2gpt /convert" on the original machine and back it up again.'
          : 'Choose a machine with UEFI on the target.'),
    ),
  ];
}

/** For hives that grow, the folders of new files, and what NTFS itself takes. */
const HEADROOM_BYTES = 32 * 1024 * 1024;

export function spaceFindings(
  { freeBytes, mounted, version }: Installation,
  fixes: readonly Fix[],
): Finding[] {
  const onVolume = (path: string) => path.startsWith('/c/') || path.startsWith(mounted.windows);
  const uploads = fixes.flatMap(({ changes }) =>
    changes.flatMap((change) =>
      change.kind === 'upload' && onVolume(change.path) ? [change.content.length] : [],
    ),
  );
  if (fixes.length === 0) return [];
  const neededBytes = uploads.reduce((sum, bytes) => sum + bytes, HEADROOM_BYTES);
  if (freeBytes >= BigInt(neededBytes)) return [];
  const mebibytes = (bytes: number) => Math.ceil(bytes / 1024 / 1024);
  return [
    block(
      'guest.windows-no-space',
      version.name,
      `The volume of Windows has ${mebibytes(Number(freeBytes))} MiB left; drivers and settings for the target need ${mebibytes(neededBytes)} MiB.`,
      'Free space on drive C: of the original machine and back it up again.',
    ),
  ];
}

function registryFindings({ system, software, version, currentControlSet }: Installation): Finding[] {
  const session = `${currentControlSet ?? ''}\\Control\\Session Manager`;
  const servicing = 'Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending';
  const pending =
    (system.value(session, 'PendingFileRenameOperations')?.data.length ?? 0) > 2 ||
    software.hasKey(servicing);
  if (!pending) return [];
  return [
    info(
      'guest.windows-pending-reboot',
      version.name,
      'Updates wait for a restart: the first start on the target finishes them, and may take long or restart again.',
      'Nothing to do; to have it faster, restart the original machine and back it up again.',
    ),
  ];
}
