/** How starts end badly, in the words that kernels, boot loaders and firmware use for it, and what follows from each. */

export interface Failure {
  /** Stable, e.g. "root-missing". */
  code: FailureCode;
  pattern: RegExp;
  /** For people; `detail` is the first group of the pattern. */
  message: (detail: string) => string;
  remedy: string;
}

export type FailureCode =
  | 'root-missing'
  | 'kernel-panic'
  | 'initramfs-shell'
  | 'emergency-mode'
  | 'boot-loader'
  | 'not-bootable'
  | 'secure-boot'
  | 'windows-stop'
  | 'restarts'
  | 'switched-off';

export const DRIVERS =
  'Restore for a kind whose drivers the guest has, or let the restore add them: "check --for KIND" lists its fixes.';
const LOADER =
  'Check that the boot disk is the first of the machine and that the firmware (BIOS or UEFI) is the one it was installed for.';

/** The most telling first. Each is bounded: what a guest prints may be of any length and made to be slow. */
export const FAILURES: readonly Failure[] = [
  {
    // initramfs-tools, scripts/local
    code: 'root-missing',
    pattern: /ALERT! {1,4}(\S{1,200}) does not exist/,
    message: (device) => `The initramfs did not find the root disk (${device}).`,
    remedy: DRIVERS,
  },
  {
    // dracut, modules.d/98dracut-systemd and 99base
    code: 'root-missing',
    pattern: /Warning: (\/dev\/\S{1,200}) does not exist/,
    message: (device) => `The initramfs did not find the root disk (${device}).`,
    remedy: DRIVERS,
  },
  {
    code: 'root-missing',
    pattern: /dracut-initqueue(?:\[\d{1,9}\])?: (?:Warning: )?(?:dracut-initqueue )?timeout/,
    message: () => 'The initramfs waited for the root disk in vain (dracut-initqueue timeout).',
    remedy: DRIVERS,
  },
  {
    code: 'root-missing',
    pattern: /VFS: (?:Unable to mount root fs on|Cannot open root device) ([^\n]{1,80})/,
    message: (device) => `The kernel found no root file system (${device}).`,
    remedy: DRIVERS,
  },
  {
    code: 'kernel-panic',
    pattern: /Kernel panic - not syncing: ([^\n]{1,160})/,
    message: (why) => `The kernel panicked: ${why.trim()}`,
    remedy: 'Read serial.log or the last screen shot: what stands above the panic is the cause.',
  },
  {
    code: 'initramfs-shell',
    pattern: /^\(initramfs\)/m,
    message: () => 'The start ended in the shell of the initramfs.',
    remedy: 'Read serial.log or the last screen shot: what stands above the prompt is the cause.',
  },
  {
    code: 'initramfs-shell',
    pattern: /^dracut:\/#/m,
    message: () => 'The start ended in the shell of dracut.',
    remedy: 'Read serial.log or the last screen shot: what stands above the prompt is the cause.',
  },
  {
    code: 'emergency-mode',
    pattern: /Timed out waiting for device ([^\n]{1,120})/,
    message: (device) => `systemd waited in vain for a device that /etc/fstab asks for: ${device.trim()}`,
    remedy:
      'Name the file system by its UUID in /etc/fstab, or add nofail there, in the original machine, and back it up again.',
  },
  {
    code: 'emergency-mode',
    pattern:
      /You are in (?:emergency|rescue) mode|Entering emergency mode|Give root password for maintenance|Press Enter for maintenance/,
    message: () => 'systemd went into emergency mode.',
    remedy: 'Read serial.log: the unit that failed stands above. Often it is a mount of /etc/fstab.',
  },
  {
    code: 'boot-loader',
    pattern: /^(?:error: ([^\n]{1,120})\n(?:[^\n]{0,120}\n){0,3})?grub rescue>/m,
    message: (why) => `GRUB did not find its own files${why ? `: ${why.trim()}` : ''}.`,
    remedy: LOADER,
  },
  {
    code: 'boot-loader',
    pattern: /(BOOTMGR is missing|NTLDR is missing|An operating system wasn't found)/,
    message: (words) => `The boot loader of Windows says: ${words}.`,
    remedy: LOADER,
  },
  {
    // OVMF, whose own shell is refused likewise once the disk has failed: EFI_ACCESS_DENIED and EFI_SECURITY_VIOLATION of LoadImage; shim
    code: 'secure-boot',
    pattern:
      /(BdsDxe: failed to (?:load|start) Boot[0-9A-F]{4} "(?!EFI Internal Shell)[^\n]{1,200}(?:Access Denied|Security Violation)|bad shim signature|Verification failed: \(0x1A\))/,
    message: () =>
      'Secure Boot refused the boot loader: it is not signed with a key that the firmware knows.',
    remedy:
      'Restore with Secure Boot switched off, or install the signed boot loader (shim) in the original machine and back it up again.',
  },
  {
    code: 'not-bootable',
    pattern:
      /(BdsDxe: (?:loading|starting) Boot[0-9A-F]{4} "UEFI (?:PXE|HTTP)|No bootable device|No bootable option or device was found|UEFI Interactive Shell|Boot failed: not a bootable disk|Boot Failed\. EFI|Boot Maintenance Manager)/,
    message: (words) => `The firmware found nothing to start from (${words}).`,
    remedy: LOADER,
  },
];

/** As its last words show it; undefined where nothing went wrong. */
export function failureIn(text: string): { failure: Failure; detail: string } | undefined {
  for (const failure of FAILURES) {
    const match = failure.pattern.exec(text);
    if (match) return { failure, detail: match[1] ?? '' };
  }
  return undefined;
}
