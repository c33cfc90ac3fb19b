import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { Severity } from '../../../../proto/gen/ascend/v1/finding.ts';
import { Firmware } from '../../../../proto/gen/ascend/v1/machine.ts';
import { applyFix } from '../../apply.ts';
import type { Change, Fix, ProgramRun } from '../../fix.ts';
import type { GuestRequirements } from '../../requirements.ts';
import { FolderGuest } from '../fixtures/folder-guest.ts';
import type { Initramfs, InitramfsBuilder } from '../initramfs/initramfs.ts';
import type { KernelFacts } from '../boot/kernels.ts';
import { parseModuleIndex } from '../initramfs/modules.ts';
import { readBuilders, type Builder } from './rebuild.ts';
import { planKernel } from './segment.ts';

const wants: GuestRequirements = {
  firmware: Firmware.BIOS,
  storage: 'virtio-blk',
  network: 'virtio-net',
  serialConsole: undefined,
  kernelArguments: [],
  guestAgent: undefined,
  cloud: undefined,
  nics: [],
  supplies: {},
};

/** Its one module goes by a name that the index of its kernel does not have. */
function foreign(builtBy: InitramfsBuilder): Initramfs {
  return {
    mainBytes: 1000,
    totalBytes: 1000,
    moduleFiles: new Set(['vendor/vmw_pvscsi.ko']),
    modules: new Set(['vmw_pvscsi']),
    directories: new Set(),
    links: new Map(),
    texts: new Map(),
    builtBy,
  };
}

const DEP = ['virtio_pci', 'virtio_blk', 'virtio_net', 'nvme', 'vmw_pvscsi'].map(
  (name) => `kernel/${name}.ko:`,
);

function kernel(more: Partial<KernelFacts> = {}): KernelFacts {
  return {
    version: '6.1.0-1',
    moduleDir: '/lib/modules/6.1.0-1',
    initramfsPath: '/boot/initrd.img-6.1.0-1',
    initramfs: foreign('initramfs-tools'),
    index: parseModuleIndex(DEP.join('\n'), ''),
    indexFiles: [],
    gunzips: true,
    startsByUefi: false,
    ...more,
  };
}

const mkinitramfs: Builder = { tool: 'initramfs-tools', program: '/usr/sbin/mkinitramfs', policy: 'most' };

function plan(facts: KernelFacts, builders: Builder[], isEncrypted = false) {
  return planKernel(facts, wants, new Map(), { builders, isEncrypted });
}

function rebuilt(facts: KernelFacts, builders: Builder[], isEncrypted = false): Fix {
  const { fixes, findings } = plan(facts, builders, isEncrypted);
  expect(findings).toEqual([]);
  expect(fixes.map(({ name }) => name)).toEqual(['linux.initramfs-rebuild']);
  return fixes[0]!;
}

function commandOf({ changes }: Fix): string {
  const run = changes.find((change): change is ProgramRun => change.kind === 'run');
  return [run?.program, ...(run?.args ?? [])].join(' ');
}

it('builds anew what takes no segment, and says why', () => {
  const fix = rebuilt(kernel(), [mkinitramfs]);
  expect(commandOf(fix)).toBe('/usr/sbin/mkinitramfs -o /boot/initrd.img-6.1.0-1 6.1.0-1');
  expect(fix.changes).toHaveLength(1);
  expect(fix.summary).toMatch(
    /anew with the guest's own \/usr\/sbin\/mkinitramfs, in the appliance, without a network\. .*other names.*vendor\/vmw_pvscsi\.ko/,
  );
});

it.each<[InitramfsBuilder, Builder, string]>([
  [
    'dracut',
    { tool: 'dracut', program: '/usr/bin/dracut', takesNoHostonly: true },
    '/usr/bin/dracut --force --no-hostonly /boot/initrd.img-6.1.0-1 6.1.0-1',
  ],
  [
    'dracut',
    { tool: 'dracut', program: '/sbin/dracut', takesNoHostonly: false },
    '/sbin/dracut --force /boot/initrd.img-6.1.0-1 6.1.0-1',
  ],
  [
    'mkinitcpio',
    { tool: 'mkinitcpio', program: '/usr/bin/mkinitcpio' },
    '/usr/bin/mkinitcpio -k 6.1.0-1 -g /boot/initrd.img-6.1.0-1 -S autodetect',
  ],
  [
    'mkinitrd',
    { tool: 'mkinitrd', program: '/sbin/mkinitrd' },
    '/sbin/mkinitrd -k /boot/vmlinuz-6.1.0-1 -i /boot/initrd.img-6.1.0-1',
  ],
  [
    'nash',
    { tool: 'nash', program: '/sbin/mkinitrd' },
    '/sbin/mkinitrd -f --with=virtio_pci --with=virtio_blk --with=virtio_net --with=vmw_pvscsi --with=nvme /boot/initrd.img-6.1.0-1 6.1.0-1',
  ],
])('builds by what built it: %s', (builtBy, builder, command) => {
  expect(commandOf(rebuilt(kernel({ initramfs: foreign(builtBy) }), [mkinitramfs, builder]))).toBe(command);
});

it('has initramfs-tools take all modules where it would look for those of the appliance, for this time', () => {
  const { changes } = rebuilt(kernel(), [{ ...mkinitramfs, policy: 'dep' }]);
  expect(changes.map(({ kind }) => kind)).toEqual(['write', 'run', 'remove']);
  expect(changes[0]).toMatchObject({
    path: '/etc/initramfs-tools/conf.d/zz-ascend',
    content: 'MODULES=most\n',
  });
  expect(changes[2]).toMatchObject({ path: '/etc/initramfs-tools/conf.d/zz-ascend' });
});

it('builds what cannot be read in a compression that can', () => {
  const facts = kernel({ initramfs: undefined, damage: 'it ends too early' });
  const fix = rebuilt(facts, [mkinitramfs]);
  expect(fix.changes[0]).toMatchObject({ content: 'COMPRESS=gzip\n' });
  expect(fix.summary).toContain('it ends too early');
  expect(commandOf(rebuilt(facts, [{ tool: 'dracut', program: '/usr/bin/dracut' }]))).toContain(' --gzip ');
});

it.each<[string, KernelFacts, Builder[], boolean]>([
  ['the guest has no such program', kernel(), [], false],
  ['the root is encrypted, and would be looked for in the appliance', kernel(), [mkinitramfs], true],
  ['a name would need quoting', kernel({ initramfsPath: '/boot/init rd' }), [mkinitramfs], false],
])('blocks, as without a rebuild, where %s', (_what, facts, builders, isEncrypted) => {
  const { fixes, findings } = plan(facts, builders, isEncrypted);
  expect(fixes).toEqual([]);
  expect(findings).toMatchObject([{ code: 'guest.initramfs-layout', severity: Severity.BLOCK }]);
});

it('rebuilds nothing for a kernel that has no driver for the disks', () => {
  const without = parseModuleIndex(DEP.slice(2).join('\n'), '');
  for (const initramfs of [undefined, foreign('initramfs-tools')]) {
    const { fixes, findings } = plan(kernel({ initramfs, index: without }), [mkinitramfs]);
    expect(fixes).toEqual([]);
    expect(findings.map(({ code }) => code)).toContain('guest.driver-missing');
  }
});

async function guestWith(
  files: Readonly<Record<string, string>>,
): Promise<AsyncDisposable & { root: string }> {
  const root = await mkdtemp(path.join(tmpdir(), 'ascend-builders-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), text);
  }
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true }) };
}

it.each<[string, Record<string, string>, Builder[]]>([
  [
    'Debian, by the last of its settings',
    {
      'usr/sbin/mkinitramfs': '',
      'etc/initramfs-tools/initramfs.conf': '# MODULES=list\nMODULES=most\n',
      'etc/initramfs-tools/conf.d/driver-policy': 'MODULES=dep\n',
    },
    [{ ...mkinitramfs, policy: 'dep' }],
  ],
  [
    'Red Hat 8, where mkinitrd is another name for dracut',
    { 'usr/bin/dracut': '--no-hostonly)', 'usr/sbin/mkinitrd': 'dracut' },
    [{ tool: 'dracut', program: '/usr/bin/dracut', takesNoHostonly: true }],
  ],
  ['Red Hat 5', { 'sbin/mkinitrd': 'inst /sbin/nash' }, [{ tool: 'nash', program: '/sbin/mkinitrd' }]],
  ['SUSE 11', { 'sbin/mkinitrd': '$INITRD_MODULES' }, [{ tool: 'mkinitrd', program: '/sbin/mkinitrd' }]],
])('finds what builds initramfs in %s', async (_what, files, builders) => {
  await using guest = await guestWith(files);
  expect(await readBuilders(new FolderGuest(guest.root))).toEqual(builders);
});

it('looks for room before it runs anything', async () => {
  await using guest = await guestWith({ 'boot/initrd.img': 'old' });
  const ran: string[] = [];
  const programs = {
    run: (program: string) => Promise.resolve(void ran.push(program)),
    relabel: () => Promise.resolve(),
  };
  const fixOf = (bytes: number): Fix => {
    const run: Change = {
      kind: 'run',
      path: '/boot/initrd.img',
      program: '/sbin/tool',
      args: [],
      limitMs: 1000,
      room: new Map([['/boot', bytes]]),
    };
    return { name: 'x', summary: 'x', changes: [run] };
  };
  // A folder stands for a file system with 1 GiB left.
  const files = new FolderGuest(guest.root);
  await expect(applyFix(files, fixOf(2 * 1024 ** 3), { programs })).rejects.toMatchObject({
    code: 'guest.fix-failed',
    message: 'x: /sbin/tool needs 2048 MiB in /boot; its file system has 1024 MiB left.',
  });
  expect(ran).toEqual([]);
  await applyFix(files, fixOf(1024), { programs });
  expect(ran).toEqual(['/sbin/tool']);
});
