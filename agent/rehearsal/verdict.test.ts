/** The words of real starts that went wrong, written by hand after what kernels, boot loaders and firmware print. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Firmware } from '../../proto/gen/ascend/v1/machine.ts';
import type { ContentProof } from '../guests/proof.ts';
import type { TwinHardware } from './hardware.ts';
import { NOTHING_SEEN, type NetworkObservations, type Observations } from './observations.ts';
import { finalVerdict, isSettled, verdictOf, type Case, type Wishes } from './verdict.ts';

const hardware: TwinHardware = {
  firmware: Firmware.BIOS,
  secureBoot: false,
  tpm: false,
  disk: 'virtio-blk',
  nic: 'virtio-net',
  sameStorage: true,
  sameNetwork: true,
};
const NO_WISHES: Wishes = { hostname: undefined, ping: false, ports: [] };
const plain: Case = { hardware, wishes: NO_WISHES, addresses: [], contents: [] };
const seen = (some: Partial<Observations>): Observations => ({ ...NOTHING_SEEN, ...some });
const network = (some: Partial<NetworkObservations>): NetworkObservations => ({
  ...NOTHING_SEEN.network,
  ...some,
});
const PROMPT = 'Debian GNU/Linux 12 web01 ttyS0\n\nweb01 login: ';

it('has no verdict while the guest starts', () => {
  expect(
    verdictOf(seen({ serial: '[    1.2] sd 0:0:0:0: [sda] Attached SCSI disk\n' }), plain),
  ).toBeUndefined();
});

it('passes on a login prompt, on the serial console or on the screen', () => {
  for (const up of [seen({ serial: PROMPT }), seen({ screen: PROMPT })])
    expect(verdictOf(up, plain)).toMatchObject({ outcome: 'passed', cause: undefined, remedy: '' });
  expect(verdictOf(seen({ serial: PROMPT }), plain)?.observed).toContain(
    'login prompt of web01 on the serial console',
  );
});

it('takes no line for a prompt that only speaks of one', () => {
  const text = 'systemd[1]: Starting getty@tty1.service - web01 login: prompt...\nLast login: Mon Jan 1\n';
  expect(verdictOf(seen({ serial: text }), plain)).toBeUndefined();
});

it.each<[name: string, text: string, cause: string, message: RegExp]>([
  [
    'initramfs-tools without the driver of the disk',
    'Gave up waiting for root file system device.  Common problems:\nALERT!  /dev/sda1 does not exist.  Dropping to a shell!\n\nBusyBox v1.35.0 (Debian) built-in shell (ash)\n(initramfs) ',
    'root-missing',
    /did not find the root disk \(\/dev\/sda1\)/,
  ],
  [
    'initramfs-tools with a UUID that is not there',
    'ALERT!  UUID=6d2f0a4e-51c7-4b0b-9f3e-8a7c1d24e905 does not exist.  Dropping to a shell!\n(initramfs) ',
    'root-missing',
    /UUID=6d2f0a4e/,
  ],
  [
    'dracut that waited',
    '[  193.4] dracut-initqueue[412]: Warning: dracut-initqueue timeout - starting timeout scripts\n[  193.5] dracut-initqueue[412]: Warning: Could not boot.\n         Starting Dracut Emergency Shell...\nWarning: /dev/mapper/rhel-root does not exist\n\nGenerating "/run/initramfs/rdsosreport.txt"\ndracut:/# ',
    'root-missing',
    /\/dev\/mapper\/rhel-root/,
  ],
  [
    'dracut with nothing but its timeout',
    'dracut-initqueue[367]: Warning: dracut-initqueue: timeout, still waiting for following initqueue hooks:\n',
    'root-missing',
    /waited for the root disk in vain/,
  ],
  [
    'a kernel without an initramfs that fits',
    '[    2.1] VFS: Unable to mount root fs on unknown-block(0,0)\n[    2.1] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n',
    'root-missing',
    /unknown-block\(0,0\)/,
  ],
  [
    'a panic for another reason',
    '[    3.3] Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b\n',
    'kernel-panic',
    /Attempted to kill init! exitcode=0x0000000b/,
  ],
  [
    'systemd whose data disk is missing',
    '[ TIME ] Timed out waiting for device /dev/sdb1.\n[DEPEND] Dependency failed for /data.\nYou are in emergency mode. After logging in, type "journalctl -xb" to view\nGive root password for maintenance\n(or press Control-D to continue): ',
    'emergency-mode',
    /\/dev\/sdb1/,
  ],
  [
    'systemd in emergency mode for another reason',
    'You are in emergency mode. After logging in, type "journalctl -xb"\nPress Enter for maintenance\n',
    'emergency-mode',
    /emergency mode/,
  ],
  [
    'GRUB without its partition',
    'error: no such device: 6d2f0a4e-51c7-4b0b-9f3e-8a7c1d24e905.\nEntering rescue mode...\ngrub rescue> ',
    'boot-loader',
    /no such device: 6d2f0a4e/,
  ],
  [
    'SeaBIOS without a disk',
    'Booting from Hard Disk...\nBoot failed: not a bootable disk\n\nNo bootable device.\n',
    'not-bootable',
    /found nothing to start from/,
  ],
  [
    'OVMF that shows its set-up, where systemd-boot found no entry',
    'Standard PC (Q35 + ICH9, 2009)\n   Select Language   <Standard English>\n   >Device Manager   >Boot Manager   >Boot Maintenance Manager   Continue   Reset',
    'not-bootable',
    /found nothing/,
  ],
  ['OVMF in its shell', 'UEFI Interactive Shell v2.2\nEDK II\nShell> ', 'not-bootable', /found nothing/],
  [
    'OVMF with Secure Boot and an unsigned loader',
    'BdsDxe: failed to load Boot0001 "UEFI QEMU HARDDISK" from PciRoot(0x0)/Pci(0x2,0x0): Access Denied\nBdsDxe: No bootable option or device was found.\n',
    'secure-boot',
    /Secure Boot refused/,
  ],
  [
    'OVMF with Secure Boot, a refused loader that was loaded already',
    'BdsDxe: failed to start Boot0003 "debian" from HD(1,GPT)/\\EFI\\debian\\grubx64.efi: Security Violation\n',
    'secure-boot',
    /Secure Boot refused/,
  ],
  [
    'OVMF that refuses its own shell after a disk that is not bootable',
    'BdsDxe: failed to load Boot0001 "UEFI Misc Device" from PciRoot(0x0)/Pci(0x2,0x0): Not Found\nBdsDxe: failed to start Boot0002 "EFI Internal Shell" from Fv(7CB8)/FvFile(7C04): Security Violation\nBdsDxe: No bootable option or device was found.\n',
    'not-bootable',
    /found nothing/,
  ],
  [
    'OVMF that has come to the network',
    'BdsDxe: starting Boot0004 "UEFI PXEv4 (MAC:0050569A3C10)" from PciRoot(0x0)/Pci(0x3,0x0)\n',
    'not-bootable',
    /found nothing/,
  ],
  [
    'Windows without its boot manager',
    'BOOTMGR is missing\nPress Ctrl+Alt+Del to restart\n',
    'boot-loader',
    /BOOTMGR is missing/,
  ],
])('names the cause: %s', (_name, text, cause, message) => {
  const verdict = verdictOf(seen({ serial: text }), plain);
  expect(verdict).toMatchObject({ outcome: 'failed', cause });
  expect(verdict?.message).toMatch(message);
  expect(verdict?.remedy).not.toBe('');
  expect(verdictOf(seen({ screen: text }), plain)).toMatchObject({ outcome: 'failed', cause });
});

const LACKS: ContentProof = {
  about: 'storage',
  subject: 'Linux 6.1.0-25-amd64',
  holds: false,
  proof: 'the initramfs of kernel 6.1.0-25-amd64 lacks a driver for virtio-blk: virtio_pci, virtio_blk.',
};
const ROOT_MISSING = 'ALERT!  /dev/sda1 does not exist.  Dropping to a shell!\n';

it('explains a missing root by the driver that the initramfs of the kernel lacks', () => {
  const other = { ...LACKS, subject: 'Linux 5.10.0-1-amd64', proof: 'another kernel' };
  const serial = `Linux version 6.1.0-25-amd64 (debian-kernel@lists.debian.org)\n${ROOT_MISSING}`;
  const verdict = verdictOf(seen({ serial }), { ...plain, contents: [other, LACKS] });
  expect(verdict?.message).toContain(
    'The cause: the initramfs of kernel 6.1.0-25-amd64 lacks a driver for virtio-blk',
  );
});

it('explains a firmware that finds nothing by the loader that is not where it looks', () => {
  const proof = 'nothing is at \\EFI\\BOOT\\BOOTX64.EFI';
  const missing: ContentProof = { about: 'loader', subject: 'EFI system partition', holds: false, proof };
  const serial = 'BdsDxe: No bootable option or device was found.\n';
  const verdict = verdictOf(seen({ serial }), { ...plain, contents: [LACKS, missing] });
  expect(verdict).toMatchObject({ cause: 'not-bootable' });
  expect(verdict?.message).toContain(`The cause: ${proof}`);
  const there = { ...missing, holds: true };
  expect(verdictOf(seen({ serial }), { ...plain, contents: [there] })?.message).not.toContain('cause');
});

it('names the cause of a start that shows nothing, once its time is over, where no kernel has a driver for the disk', () => {
  const cannot: Case = { ...plain, contents: [LACKS] };
  expect(verdictOf(seen({}), cannot)).toBeUndefined();
  const verdict = finalVerdict(seen({}), cannot);
  expect(verdict).toMatchObject({ outcome: 'failed', cause: 'root-missing' });
  expect(verdict.message).toContain('The cause: the initramfs of kernel 6.1.0-25-amd64 lacks a driver');
  const unproven = { outcome: 'unproven', cause: 'time-limit' };
  const another = { ...LACKS, subject: 'Linux 5.10.0-1-amd64', holds: true };
  expect(finalVerdict(seen({}), { ...plain, contents: [LACKS, another] })).toMatchObject(unproven);
  const nearest = { ...hardware, sameStorage: false };
  expect(finalVerdict(seen({}), { ...cannot, hardware: nearest })).toMatchObject(unproven);
  const spoke = seen({ network: network({ frames: [1], answering: ['10.0.0.5'] }) });
  expect(finalVerdict(spoke, cannot)).toMatchObject(unproven);
});

it('does not blame a driver that is there', () => {
  const there = { ...LACKS, holds: true };
  expect(verdictOf(seen({ serial: ROOT_MISSING }), { ...plain, contents: [there] })?.message).not.toContain(
    'cause',
  );
});

it('proves nothing of a target by a disk that the target does not have', () => {
  const nearest: Case = { ...plain, hardware: { ...hardware, disk: 'ide', sameStorage: false } };
  const verdict = verdictOf(seen({ serial: ROOT_MISSING }), nearest);
  expect(verdict).toMatchObject({ outcome: 'unproven', cause: 'root-missing' });
  expect(verdict?.message).toContain("the target's own disks are of another kind");
});

it('tells a stop screen of Windows once it stays', () => {
  expect(verdictOf(seen({ look: 'stop-screen', lookSeconds: 1 }), plain)).toBeUndefined();
  expect(verdictOf(seen({ look: 'stop-screen', lookSeconds: 6 }), plain)).toMatchObject({
    outcome: 'failed',
    cause: 'windows-stop',
  });
});

it('passes a graphical guest only where its network answers too', () => {
  const shown = { look: 'picture', lookSeconds: 30 } as const;
  expect(verdictOf(seen(shown), plain)).toBeUndefined();
  expect(finalVerdict(seen(shown), plain)).toMatchObject({ outcome: 'unproven', cause: 'time-limit' });
  const answering = network({ frames: [12], answering: ['10.0.0.5'] });
  expect(verdictOf(seen({ ...shown, network: answering }), plain)).toMatchObject({ outcome: 'passed' });
});

it('fails a guest that restarts over and over, and one that switches itself off', () => {
  expect(verdictOf(seen({ resets: 3 }), plain)).toBeUndefined();
  expect(verdictOf(seen({ resets: 7 }), plain)).toMatchObject({ outcome: 'failed', cause: 'restarts' });
  expect(verdictOf(seen({ resets: 7, serial: PROMPT }), plain)).toMatchObject({ outcome: 'passed' });
  expect(verdictOf(seen({ off: true }), plain)).toMatchObject({ outcome: 'failed', cause: 'switched-off' });
});

it('blames this host, not the guest, where its disk is full', () => {
  const verdict = verdictOf(seen({ hostFault: 'full', serial: ROOT_MISSING }), plain);
  expect(verdict).toMatchObject({ outcome: 'unproven', cause: 'host' });
});

it('waits for what was asked for, and fails without it when the time is over', () => {
  const wanting: Case = {
    ...plain,
    wishes: { hostname: 'web01', ping: true, ports: [80] },
    addresses: ['10.77.0.10'],
  };
  const up = seen({ serial: PROMPT });
  expect(verdictOf(up, wanting)).toBeUndefined();
  const late = finalVerdict(up, wanting);
  expect(late).toMatchObject({ outcome: 'failed', cause: 'wish' });
  expect(late.message).toContain('no answer to a ping of 10.77.0.10; port 80 accepts no connection');
  const all = network({ pinged: ['10.77.0.10'], accepting: ['10.77.0.10:80'] });
  expect(verdictOf({ ...up, network: all }, wanting)).toMatchObject({ outcome: 'passed' });
  expect(isSettled({ ...up, network: all }, wanting)).toBe(true);
});

it('waits no longer once each NIC of a guest that asks for its addresses has one that answers', () => {
  const asking: Case = { ...plain, addresses: [] };
  const settled = (pinged: string[]) =>
    isSettled(seen({ network: network({ frames: [3, 4], pinged }) }), asking);
  expect(settled([])).toBe(false);
  expect(settled(['198.51.100.10'])).toBe(false);
  expect(settled(['198.51.100.10', '198.51.100.11'])).toBe(true);
  expect(isSettled(seen({}), asking)).toBe(true);
  const other = { ...asking, hardware: { ...hardware, sameNetwork: false } };
  expect(isSettled(seen({ network: network({ frames: [3] }) }), other)).toBe(true);
});

it.each([
  ['web01 login: ', true],
  ['WEB01.example.org login: ', true],
  ['\ufffdeb\ufffd1 login: ', true],
  ['\ufffd\ufffd\ufffd\ufffd1 login: ', false],
  ['web02 login: ', false],
  ['localhost login: ', false],
])('reads the host name of %j: %j', (screen, shown) => {
  const named: Case = { ...plain, wishes: { ...NO_WISHES, hostname: 'web01.site' } };
  expect(verdictOf(seen({ screen }), named)?.outcome === 'passed').toBe(shown);
});

it('gives a verdict on anything that a guest can print', () => {
  const outcomes = ['passed', 'failed', 'unproven'];
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.string({ maxLength: 400 }),
      (serial, screen) => {
        expect(outcomes).toContain(finalVerdict(seen({ serial, screen }), plain).outcome);
      },
    ),
    { numRuns: 50 },
  );
});

it('takes no longer for a megabyte that is made to be slow', () => {
  for (const text of ['ALERT!    ', 'error: x\n', ' ', 'a', '\n', 'VFS: Cannot open root device ']) {
    const serial = text.repeat(Math.ceil(1_000_000 / text.length));
    expect(['unproven', 'failed']).toContain(finalVerdict(seen({ serial }), plain).outcome);
  }
});

const LOCKED: [name: string, text: string, message: string][] = [
  ['initramfs-tools', 'Please unlock disk sda3_crypt: ', '(sda3_crypt)'],
  [
    'dracut',
    '🔐 Please enter passphrase for disk QEMU_HARDDISK (luks-5f2a): (press TAB for no echo) ',
    '(QEMU_HARDDISK (luks-5f2a))',
  ],
  ['an older dracut', 'Please enter passphrase for disk rhel-root (luks-5f2a)!:', '(rhel-root (luks-5f2a))'],
  [
    'cryptsetup',
    'A password is required to access the cryptroot volume:\nEnter passphrase for /dev/sda2: ',
    '(/dev/sda2)',
  ],
  ['GRUB', 'Enter passphrase for hd0,msdos1 (c49d2e7017a34f58b1e690d3a7c5f211): ', '(hd0,msdos1)'],
];

it.each(LOCKED)('says that the machine waits for a passphrase: %s', (_name, text, message) => {
  const asks = { serial: `[    3.1] sd 0:0:0:0: [sda] Attached SCSI disk\n${text}` };
  expect(verdictOf(seen({ ...asks, quietSeconds: 10 }), plain)).toBeUndefined();
  const verdict = {
    outcome: 'unproven',
    cause: 'passphrase',
    message: expect.stringContaining(message) as string,
  };
  expect(verdictOf(seen({ ...asks, quietSeconds: 50 }), plain)).toMatchObject(verdict);
  expect(finalVerdict(seen(asks), plain)).toMatchObject(verdict);
  expect(verdictOf(seen({ screen: text, quietSeconds: 50 }), plain)).toMatchObject(verdict);
});

it('takes what follows from a passphrase that nobody types for that, and nothing else', () => {
  const asked = 'Please unlock disk sda3_crypt: \n';
  const after = (text: string) => verdictOf(seen({ serial: asked + text }), plain)?.cause;
  expect(after('ALERT!  /dev/mapper/vg0-root does not exist.  Dropping to a shell!')).toBe('passphrase');
  expect(after('dracut-initqueue[300]: Warning: dracut-initqueue timeout - starting timeout scripts')).toBe(
    'passphrase',
  );
  expect(after('Kernel panic - not syncing: Attempted to kill init!')).toBe('kernel-panic');
  expect(after(PROMPT)).toBeUndefined();
  expect(verdictOf(seen({ serial: asked + PROMPT, quietSeconds: 60 }), plain)?.outcome).toBe('passed');
});
