/** How a machine asks for the passphrase of an encrypted disk, which nobody types in a rehearsal. */

/** The first group names the disk or the volume. Bounded: what a guest prints may be of any length and made to be slow. */
const QUESTIONS: readonly RegExp[] = [
  // initramfs-tools: cryptsetup-initramfs, functions
  /Please unlock disk (\S{1,120})/,
  // systemd-cryptsetup, in dracut and after the root is mounted
  /Please enter passphrase for disk ([^\n:!]{1,160})/,
  /Please enter (?:TPM2|LUKS2 token|security token) PIN(?: for disk ([^\n:!]{1,160}))?/,
  // cryptsetup itself, dracut without systemd; GRUB, where /boot is encrypted too
  /^[^\n]{0,8}Enter passphrase for ([^\s:]{1,160})(?: \([0-9a-f-]{32,40}\))?: ?/m,
  // mkinitcpio, hook "encrypt"
  /A password is required to access the (\S{1,120}) volume/,
];

/** What is to be unlocked, as the question names it ("" where it does not); undefined where nothing is asked. */
export function askedToUnlock(text: string): string | undefined {
  for (const question of QUESTIONS) {
    const match = question.exec(text);
    if (match) return (match[1] ?? '').replace(/[:!]+$/, '').trim();
  }
  return undefined;
}
