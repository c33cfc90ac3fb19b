import { expect, it } from 'vitest';
import { planArguments, type ArgumentWishes } from './arguments.ts';
import { GRUB_DEFAULTS, type BootFile, type BootFileKind } from './boot-files.ts';

const ROOT = {
  device: '/dev/sda1',
  spec: '/dev/sda1',
  uuids: new Map([
    ['/dev/sda1', 'root-uuid'],
    ['/dev/sda5', 'swap-uuid'],
  ]),
  aliases: new Map(),
};
const CONFIG = '/boot/grub/grub.cfg';

const wants = (kernelArguments: string[] = []): ArgumentWishes => ({
  serialConsole: 'ttyS0',
  kernelArguments,
});

/** The files after every fix has been applied. */
function after(files: readonly BootFile[], wishes = wants(), versions = ['6.1.0']) {
  const fixes = planArguments(files, ROOT, wishes, versions);
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  for (const change of fixes.flatMap(({ changes }) => changes)) {
    if (change.kind !== 'write') throw new Error(change.kind);
    texts.set(change.path, change.content);
  }
  return {
    text: [...texts.values()][0],
    files: files.map((file) => ({ ...file, text: texts.get(file.path) ?? '' })),
    names: fixes.map(({ name }) => name),
  };
}

const file = (kind: BootFileKind, path: string, text: string): BootFile => ({ kind, path, text });
const config = (line: string) => [file('grub', CONFIG, line)];
const defaults = (text: string) => [file('defaults', GRUB_DEFAULTS, text)];

it.each([
  ['/dev/sda1', 'UUID=root-uuid'],
  ['/dev/vda1', 'UUID=root-uuid'],
  ['/dev/nvme0n1p2', 'UUID=root-uuid'],
  ['UUID=root-uuid', 'UUID=root-uuid'],
  ['LABEL=root', 'LABEL=root'],
  ['/dev/mapper/vg-root', '/dev/mapper/vg-root'],
])('names root=%s as %s', (root, expected) => {
  const { text } = after(config(`\tlinux\t/vmlinuz root=${root} ro console=ttyS0`));
  expect(text).toBe(`\tlinux\t/vmlinuz root=${expected} ro console=ttyS0`);
});

it('takes the name that fstab has for the root as the root, whatever disk has that letter here', () => {
  const root = {
    device: '/dev/sda1',
    spec: '/dev/sdb1',
    uuids: new Map([
      ['/dev/sda1', 'aaaa-1'],
      ['/dev/sdb1', 'bbbb-1'],
    ]),
    aliases: new Map(),
  };
  const none = { serialConsole: undefined, kernelArguments: [] };
  const [fix] = planArguments(config('linux /vmlinuz root=/dev/sdb1 ro'), root, none, []);
  expect(fix?.changes).toEqual([
    { kind: 'write', path: '/boot/grub/grub.cfg', content: 'linux /vmlinuz root=UUID=aaaa-1 ro' },
  ]);
});

it.each([
  ['/dev/sda5', 'resume=UUID=swap-uuid '],
  ['UUID=swap-uuid', 'resume=UUID=swap-uuid '],
  ['/dev/mapper/vg-swap', 'resume=/dev/mapper/vg-swap '],
  ['/dev/sdz5', ''],
  ['UUID=gone', ''],
  ['/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:1:0-part1', ''],
])('names resume=%s by UUID, and drops a swap area that is not there: %j', (device, expected) => {
  expect(after(config(`linux /k resume=${device} console=ttyS0`)).text).toBe(
    `linux /k ${expected}console=ttyS0`,
  );
});

it.each([
  ['quiet', 'quiet console=tty0 console=ttyS0,115200n8'],
  ['console=tty0 quiet', 'console=tty0 quiet console=ttyS0,115200n8'],
  ['console=tty1', 'console=tty1 console=ttyS0,115200n8'],
  ['console=ttyS0', 'console=ttyS0'],
  ['console=ttyS0,9600 console=tty0', 'console=ttyS0,9600 console=tty0'],
  ['console=ttyS1', 'console=ttyS1 console=ttyS0,115200n8'],
  ['console=ttyS01', 'console=ttyS01 console=ttyS0,115200n8'],
  ['console=hvc0', 'console=tty0 console=ttyS0,115200n8'],
  ['console=tty0 console=hvc0 quiet', 'console=tty0 quiet console=ttyS0,115200n8'],
  ['console=xvc0,115200 console=ttyS0', 'console=ttyS0'],
  ['nomodeset earlyconsole=hvc0x', 'nomodeset earlyconsole=hvc0x console=tty0 console=ttyS0,115200n8'],
])('shows a console beside %j', (options, expected) => {
  const { text } = after(config(`linux /k root=UUID=x ${options}`));
  expect(text).toBe(`linux /k root=UUID=x ${expected}`);
});

it('leaves the consoles alone for a target without one', () => {
  const none = { serialConsole: undefined, kernelArguments: [] };
  expect(planArguments(config('linux /k root=UUID=x console=hvc0'), ROOT, none, [])).toEqual([]);
});

it.each(['linux', 'linux16', 'linuxefi'])('finds kernel lines that start with %s', (word) => {
  expect(after(config(`  ${word} /k root=/dev/sda1`)).text).toContain('root=UUID=root-uuid');
});

it('touches no other line', () => {
  const grub = `set root='hd0,msdos1'
# linux /k root=/dev/sda1
menuentry 'x' {
  search --no-floppy --fs-uuid --set=root x
  linux /k root=/dev/sda1 ro
  initrd /i
}
linuxrc=/dev/sda1`;
  const lines = after(config(grub)).text?.split('\n');
  expect(lines?.filter((line, index) => line !== grub.split('\n')[index])).toEqual([
    '  linux /k root=UUID=root-uuid ro console=tty0 console=ttyS0,115200n8',
  ]);
});

it.each([
  ['GRUB_CMDLINE_LINUX=""', 'GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200n8"'],
  ['GRUB_CMDLINE_LINUX=', 'GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200n8"'],
  ['GRUB_CMDLINE_LINUX=a=1 # mine', 'GRUB_CMDLINE_LINUX="a=1 console=tty0 console=ttyS0,115200n8" # mine'],
  ['GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX b"', 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX b"'],
  ['GRUB_CMDLINE_LINUX="a=1"', 'GRUB_CMDLINE_LINUX="a=1 console=tty0 console=ttyS0,115200n8"'],
  ["GRUB_CMDLINE_LINUX='a=1'", "GRUB_CMDLINE_LINUX='a=1 console=tty0 console=ttyS0,115200n8'"],
  [
    String.raw`GRUB_CMDLINE_LINUX="dyndbg=\"file x +p\" b"`,
    String.raw`GRUB_CMDLINE_LINUX="dyndbg=\"file x +p\" b console=tty0 console=ttyS0,115200n8"`,
  ],
  ['GRUB_CMDLINE_LINUX="console=hvc0"', 'GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200n8"'],
  ['GRUB_CMDLINE_LINUX="console=ttyS0"', 'GRUB_CMDLINE_LINUX="console=ttyS0"'],
  ['GRUB_CMDLINE_LINUX_DEFAULT="quiet"', 'GRUB_CMDLINE_LINUX_DEFAULT="quiet"'],
  ['# GRUB_CMDLINE_LINUX="x"', '# GRUB_CMDLINE_LINUX="x"'],
  [
    'GRUB_CMDLINE_LINUX="a"\nGRUB_CMDLINE_LINUX="b"',
    'GRUB_CMDLINE_LINUX="a console=tty0 console=ttyS0,115200n8"\nGRUB_CMDLINE_LINUX="b console=tty0 console=ttyS0,115200n8"',
  ],
  ['GRUB_DISABLE_LINUX_UUID=true', '#GRUB_DISABLE_LINUX_UUID=true'],
  ['  GRUB_DISABLE_LINUX_UUID="true"', '  #GRUB_DISABLE_LINUX_UUID="true"'],
  ['#GRUB_DISABLE_LINUX_UUID=true', '#GRUB_DISABLE_LINUX_UUID=true'],
  ['GRUB_DISABLE_LINUX_UUID=false', 'GRUB_DISABLE_LINUX_UUID=false'],
])('keeps the next grub.cfg right: %j', (text, expected) => {
  expect(after(defaults(text)).text).toBe(expected);
});

const ENTRY = `title Red Hat Enterprise Linux (5.14.0) 9.2
version 5.14.0
linux /vmlinuz-5.14.0
initrd /initramfs-5.14.0.img $tuned_initrd
options root=/dev/sda1 ro crashkernel=1G $tuned_params
grub_users $grub_users
`;

it('finds the arguments of Boot Loader Specification entries', () => {
  const { text } = after([file('entry', '/boot/loader/entries/a.conf', ENTRY)]);
  expect(text).toBe(
    ENTRY.replace('/dev/sda1', 'UUID=root-uuid').replace(
      '$tuned_params',
      '$tuned_params console=tty0 console=ttyS0,115200n8',
    ),
  );
});

it('changes kernelopts where entries take them from there, in a block of the length that GRUB wants', () => {
  const block = '# GRUB Environment Block\nsaved_entry=a\nkernelopts=root=/dev/sda1 ro \nboot_success=0\n';
  const entry = ENTRY.replace(/options .*/, 'options $kernelopts $tuned_params');
  const { files } = after([
    file('environment', '/boot/grub2/grubenv', block + '#'.repeat(1024 - block.length)),
    file('entry', '/boot/loader/entries/a.conf', entry),
    file('grub', CONFIG, '  set default_kernelopts="root=/dev/sda1 ro "'),
  ]);
  expect(files[0]?.text).toHaveLength(1024);
  expect(files[0]?.text).toContain(
    '\nkernelopts=root=UUID=root-uuid ro console=tty0 console=ttyS0,115200n8\nboot_success=0\n####',
  );
  expect(files[1]?.text).toBe(entry);
  expect(files[2]?.text).toBe(
    '  set default_kernelopts="root=UUID=root-uuid ro console=tty0 console=ttyS0,115200n8"',
  );
});

it.each<[BootFileKind, string, string]>([
  ['grub-legacy', '\tkernel /vmlinuz-2.6 ro root=/dev/sda1', '\tkernel /vmlinuz-2.6 ro root=UUID=root-uuid'],
  ['grub-legacy', '# kopt=root=/dev/hda1 ro', '# kopt=root=UUID=root-uuid ro'],
  ['grub-legacy', 'kernel --type=x /k root=/dev/sda1', 'kernel --type=x /k root=UUID=root-uuid'],
  ['extlinux', '  append initrd=/i root=/dev/sda1', '  append initrd=/i root=UUID=root-uuid'],
  ['extlinux', 'APPEND root=/dev/vda1 quiet', 'APPEND root=UUID=root-uuid quiet'],
  ['next-entry', 'root=/dev/sda1 quiet\n', 'root=UUID=root-uuid quiet\n'],
])('finds the arguments of %s: %j', (kind, line, expected) => {
  const none = { serialConsole: undefined, kernelArguments: [] };
  expect(after([file(kind, '/x', line)], none).text).toBe(expected);
});

it('leaves a hypervisor its own arguments', () => {
  expect(after([file('grub-legacy', '/x', 'kernel /xen.gz-2.6.18 dom0_mem=1G')]).text).toBe(
    'kernel /xen.gz-2.6.18 dom0_mem=1G',
  );
});

it.each([
  [['rootdelay=300'], 'ro', 'ro rootdelay=300'],
  [['rootdelay=300'], 'rootdelay=5 ro', 'rootdelay=300 ro'],
  [['rootdelay=300'], 'xrootdelay=5', 'xrootdelay=5 rootdelay=300'],
  [['a.b=1', 'c'], 'aXb=2', 'aXb=2 a.b=1 c'],
  [['a=1', 'c'], 'c a=1', 'c a=1'],
])('adds %j to %j', (wanted, options, expected) => {
  const wishes = { serialConsole: undefined, kernelArguments: wanted };
  const once = after(config(`linux /k root=UUID=x ${options}`), wishes);
  expect(once.text).toBe(`linux /k root=UUID=x ${expected}`);
  expect(planArguments(once.files, ROOT, wishes, [])).toEqual([]);
});

it('asks old kernels for no more time than their byte holds', () => {
  const wishes = wants(['nvme_core.io_timeout=4294967295']);
  expect(after(config('linux /k'), wishes, ['3.10.0-1160.el7', '5.4.0']).text).toContain('io_timeout=254');
  expect(after(config('linux /k'), wishes, ['4.18.0-305.el8']).text).toContain('io_timeout=4294967295');
});

it('plans nothing for its own result', () => {
  const files = [
    file(
      'grub',
      CONFIG,
      '  linux /k root=/dev/sda1 ro  quiet console=hvc0 \n linux /k2 root=/dev/sda1 single resume=/dev/sda5',
    ),
    file('grub', '/boot/grub2/grub.cfg', 'linuxefi /k root=/dev/sda1'),
    file('defaults', GRUB_DEFAULTS, 'GRUB_CMDLINE_LINUX=" a "\nGRUB_DISABLE_LINUX_UUID=true\n'),
  ];
  const once = after(files);
  expect(once.names).toEqual(['linux.root-argument', 'linux.serial-console']);
  expect(planArguments(once.files, ROOT, wants(), ['6.1.0'])).toEqual([]);
});

it('takes 4 MB of empty lines, and of blanks, in its stride', () => {
  const startedAt = performance.now();
  for (const text of ['\n'.repeat(4_000_000), `options ${' '.repeat(100_000)}x`]) {
    for (const kind of [
      'grub',
      'grub-legacy',
      'entry',
      'extlinux',
      'environment',
      'defaults',
      'next-entry',
    ] as const)
      planArguments([file(kind, GRUB_DEFAULTS, text)], ROOT, wants(), []);
  }
  expect(performance.now() - startedAt).toBeLessThan(15_000);
});
