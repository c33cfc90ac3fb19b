import { expect, it } from 'vitest';
import { GRUB_DEFAULTS, planGrub, type GrubFacts } from './grub.ts';

const ROOT = {
  device: '/dev/sda1',
  spec: '/dev/sda1',
  uuids: new Map([
    ['/dev/sda1', 'root-uuid'],
    ['/dev/sda5', 'swap-uuid'],
  ]),
};
const CONFIG = '/boot/grub/grub.cfg';

/** The facts after every fix has been applied. */
function after(grub: GrubFacts, console: string | undefined = 'ttyS0') {
  const fixes = planGrub(grub, ROOT, console);
  const configs = new Map(grub.configs);
  let { defaults } = grub;
  for (const change of fixes.flatMap(({ changes }) => changes)) {
    if (change.kind !== 'write') throw new Error(change.kind);
    if (change.path === GRUB_DEFAULTS) defaults = change.content;
    else configs.set(change.path, change.content);
  }
  return { configs, defaults, names: fixes.map(({ name }) => name) };
}

const config = (line: string): GrubFacts => ({ configs: new Map([[CONFIG, line]]), defaults: undefined });
const defaults = (text: string): GrubFacts => ({ configs: new Map(), defaults: text });

it.each([
  ['/dev/sda1', 'UUID=root-uuid'],
  ['/dev/vda1', 'UUID=root-uuid'],
  ['/dev/nvme0n1p2', 'UUID=root-uuid'],
  ['UUID=root-uuid', 'UUID=root-uuid'],
  ['LABEL=root', 'LABEL=root'],
  ['/dev/mapper/vg-root', '/dev/mapper/vg-root'],
])('names root=%s as %s', (root, expected) => {
  const { configs } = after(config(`\tlinux\t/vmlinuz root=${root} ro console=ttyS0`));
  expect(configs.get(CONFIG)).toBe(`\tlinux\t/vmlinuz root=${expected} ro console=ttyS0`);
});

it('takes the name that fstab has for the root as the root, whatever disk has that letter here', () => {
  const root = {
    device: '/dev/sda1',
    spec: '/dev/sdb1',
    uuids: new Map([
      ['/dev/sda1', 'aaaa-1'],
      ['/dev/sdb1', 'bbbb-1'],
    ]),
  };
  const configs = new Map([['/boot/grub/grub.cfg', 'linux /vmlinuz root=/dev/sdb1 ro']]);
  const [fix] = planGrub({ configs, defaults: undefined }, root, undefined);
  expect(fix?.changes).toEqual([
    { kind: 'write', path: '/boot/grub/grub.cfg', content: 'linux /vmlinuz root=UUID=aaaa-1 ro' },
  ]);
});

it('names resume by UUID, and leaves one that cannot be found', () => {
  const resumed = (device: string) =>
    after(config(`linux /k resume=${device} console=ttyS0`)).configs.get(CONFIG);
  expect(resumed('/dev/sda5')).toBe('linux /k resume=UUID=swap-uuid console=ttyS0');
  expect(resumed('/dev/sdz5')).toBe('linux /k resume=/dev/sdz5 console=ttyS0');
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
  const { configs } = after(config(`linux /k root=UUID=x ${options}`));
  expect(configs.get(CONFIG)).toBe(`linux /k root=UUID=x ${expected}`);
});

it('leaves the consoles alone for a target without one', () => {
  expect(planGrub(config('linux /k root=UUID=x console=hvc0'), ROOT, undefined)).toEqual([]);
});

it.each(['linux', 'linux16', 'linuxefi'])('finds kernel lines that start with %s', (word) => {
  expect(after(config(`  ${word} /k root=/dev/sda1`)).configs.get(CONFIG)).toContain('root=UUID=root-uuid');
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
  const lines = after(config(grub)).configs.get(CONFIG)?.split('\n');
  expect(lines?.filter((line, index) => line !== grub.split('\n')[index])).toEqual([
    '  linux /k root=UUID=root-uuid ro console=tty0 console=ttyS0,115200n8',
  ]);
});

it.each([
  ['GRUB_CMDLINE_LINUX=""', 'GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200n8"'],
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
  expect(after(defaults(text)).defaults).toBe(expected);
});

it('plans nothing for its own result', () => {
  const grub: GrubFacts = {
    configs: new Map([
      [
        CONFIG,
        '  linux /k root=/dev/sda1 ro  quiet console=hvc0 \n linux /k2 root=/dev/sda1 single resume=/dev/sda5',
      ],
      ['/boot/grub2/grub.cfg', 'linuxefi /k root=/dev/sda1'],
    ]),
    defaults: 'GRUB_CMDLINE_LINUX=" a "\nGRUB_DISABLE_LINUX_UUID=true\n',
  };
  const once = after(grub);
  expect(once.names).toEqual(['linux.grub-root', 'linux.serial-console']);
  expect(planGrub(once, ROOT, 'ttyS0')).toEqual([]);
});

it('takes 4 MB of empty lines in its stride', () => {
  const startedAt = performance.now();
  const text = '\n'.repeat(4_000_000);
  planGrub({ configs: new Map([[CONFIG, text]]), defaults: text }, ROOT, 'ttyS0');
  expect(performance.now() - startedAt).toBeLessThan(5000);
});
