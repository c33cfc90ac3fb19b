import { expect, it } from 'vitest';
import { Firmware } from '../../../../proto/gen/ascend/v1/machine.ts';
import { Severity } from '../../../../proto/gen/ascend/v1/finding.ts';
import type { DriverSegment } from '../../fix.ts';
import type { GuestRequirements } from '../../requirements.ts';
import type { Initramfs } from '../initramfs/initramfs.ts';
import type { KernelFacts } from '../boot/kernels.ts';
import { parseModuleIndex } from '../initramfs/modules.ts';
import { INITRAMFS_MODULES, planNextKernel } from './next-initramfs.ts';
import type { RebuildFacts } from './rebuild.ts';
import { planKernel as planWith } from './segment.ts';

const DEP = `kernel/drivers/virtio/virtio.ko:
kernel/drivers/virtio/virtio_ring.ko: kernel/drivers/virtio/virtio.ko
kernel/drivers/virtio/virtio_pci.ko: kernel/drivers/virtio/virtio_ring.ko kernel/drivers/virtio/virtio.ko
kernel/drivers/block/virtio_blk.ko: kernel/drivers/virtio/virtio_ring.ko kernel/drivers/virtio/virtio.ko
kernel/drivers/net/virtio_net.ko: kernel/drivers/virtio/virtio.ko
kernel/drivers/scsi/vmw_pvscsi.ko:
kernel/drivers/hid/hid-hyperv.ko:`;

const wants: GuestRequirements = {
  firmware: Firmware.BIOS,
  storage: 'virtio-blk',
  network: 'virtio-net',
  serialConsole: 'ttyS0',
  kernelArguments: [],
  guestAgent: 'qemu-guest-agent',
  cloud: undefined,
  nics: [],
  supplies: {},
};

/** Nothing in the guest can build an initramfs, unless a test says otherwise. */
const planKernel = (
  kernel: KernelFacts,
  wishes: GuestRequirements,
  texts: ReadonlyMap<string, string>,
  rebuild: RebuildFacts = { builders: [], isEncrypted: false },
) => planWith(kernel, wishes, texts, rebuild);

const file = (name: string) => `kernel/drivers/${name}.ko`;

function initramfs(files: string[], more: Partial<Initramfs> = {}): Initramfs {
  return {
    mainBytes: 1001,
    totalBytes: 1001,
    moduleFiles: new Set(files),
    modules: new Set(files.map((path) => path.replace(/^.*\/|\.ko$/g, ''))),
    directories: new Set(['conf', 'usr', 'usr/lib', 'usr/lib/modules']),
    links: new Map([['lib', 'usr/lib']]),
    texts: new Map([['conf/modules', 'vmw_pvscsi\n']]),
    builtBy: 'initramfs-tools',
    ...more,
  };
}

function kernel(more: Partial<KernelFacts> = {}, dep = DEP, builtin = ''): KernelFacts {
  return {
    version: '6.1.0',
    moduleDir: '/lib/modules/6.1.0',
    initramfsPath: '/boot/initrd.img-6.1.0',
    initramfs: initramfs([file('scsi/vmw_pvscsi')]),
    index: parseModuleIndex(dep, builtin),
    indexFiles: ['modules.dep.bin'],
    gunzips: true,
    startsByUefi: true,
    ...more,
  };
}

function segmentOf(facts: KernelFacts, texts = new Map<string, string>()): DriverSegment {
  const { fixes } = planKernel(facts, wants, texts);
  const [change] = fixes.flatMap(({ changes }) => changes);
  if (change?.kind !== 'driver-segment') throw new Error('no segment');
  return change;
}

const codes = (facts: KernelFacts) =>
  planKernel(facts, wants, new Map()).findings.map(({ code, severity }) => [code, severity]);

it('leaves an initramfs alone that has the drivers', () => {
  const there = initramfs(['virtio/virtio_pci', 'block/virtio_blk'].map(file));
  expect(planKernel(kernel({ initramfs: there }), wants, new Map())).toEqual({ fixes: [], findings: [] });
});

it('leaves an initramfs alone whose kernel has the drivers built in', () => {
  const builtin =
    'kernel/drivers/virtio/virtio_pci.ko\nkernel/drivers/block/virtio-blk.ko\nkernel/x/virtio_net.ko';
  expect(planKernel(kernel({}, '', builtin), wants, new Map())).toMatchObject({ fixes: [], findings: [] });
});

it('adds what is missing with what that needs, and every other target’s drivers that the kernel has', () => {
  const segment = segmentOf(kernel());
  expect(segment).toMatchObject({ path: '/boot/initrd.img-6.1.0', offsetBytes: 1001, compress: true });
  const prefix = 'usr/lib/modules/6.1.0';
  expect(segment.files).toEqual(
    new Map(
      [
        ...['virtio/virtio', 'virtio/virtio_ring', 'virtio/virtio_pci', 'block/virtio_blk', 'net/virtio_net'],
        'hid/hid-hyperv',
      ]
        .map(file)
        .concat('modules.dep.bin')
        .map((name): [string, string] => [`/lib/modules/6.1.0/${name}`, `${prefix}/${name}`]),
    ),
  );
  expect([...segment.files.keys()].some((name) => name.includes('vmw_pvscsi'))).toBe(false);
});

it('lists every directory before what is in it, and none that is a link', () => {
  const { directories, files } = segmentOf(kernel(), new Map([['etc/systemd/network/10-x.link', 'x']]));
  expect(directories).toEqual([...directories].sort());
  expect(directories).not.toContain('lib');
  for (const name of files.values()) expect(directories).toContain(name.slice(0, name.lastIndexOf('/')));
  expect(directories).toContain('etc/systemd/network');
});

it('puts modules where a directory lib is, and where it is a link', () => {
  const plain = initramfs([], { links: new Map(), directories: new Set(['lib', 'lib/modules']) });
  expect([...segmentOf(kernel({ initramfs: plain })).files.values()][0]).toMatch(/^lib\/modules\/6\.1\.0\//);
});

it('has initramfs-tools and dracut load the drivers by name, after those they load already', () => {
  expect(segmentOf(kernel()).texts).toEqual(
    new Map([['conf/modules', 'vmw_pvscsi\nvirtio_pci\nvirtio_blk\n']]),
  );
  const dracut = initramfs([], { builtBy: 'dracut', texts: new Map() });
  expect(segmentOf(kernel({ initramfs: dracut })).texts).toEqual(
    new Map([['etc/cmdline.d/99-ascend.conf', 'rd.driver.pre=virtio_pci\nrd.driver.pre=virtio_blk\n']]),
  );
});

it('adds everything again where an earlier segment is replaced, and cuts that off', () => {
  const twice = initramfs([file('scsi/vmw_pvscsi'), file('virtio/virtio')], { totalBytes: 5000 });
  const segment = segmentOf(kernel({ initramfs: twice }));
  expect(segment.offsetBytes).toBe(1001);
  expect([...segment.files.keys()]).toContain('/lib/modules/6.1.0/kernel/drivers/virtio/virtio.ko');
});

it('does not compress for a kernel that may not unpack gzip', () => {
  expect(segmentOf(kernel({ gunzips: false })).compress).toBe(false);
});

it('blocks where the kernel has no driver for the disks, and warns where it has none for the network', () => {
  expect(codes(kernel({}, DEP.replace(/^.*virtio_blk\.ko:.*$/m, '')))).toEqual([
    ['guest.driver-missing', Severity.BLOCK],
  ]);
  const noNetwork = kernel({}, DEP.replace(/^.*virtio_net\.ko:.*$/m, ''));
  expect(codes(noNetwork)).toEqual([['guest.driver-missing', Severity.WARN]]);
  expect(planKernel(noNetwork, wants, new Map()).fixes).toHaveLength(1);
});

it('blocks on modules that the kernel’s own index does not know', () => {
  const foreign = initramfs(['extra/vmw_pvscsi.ko']);
  expect(codes(kernel({ initramfs: foreign }))).toEqual([['guest.initramfs-layout', Severity.BLOCK]]);
});

it('blocks on an initramfs that cannot be read: nothing proves what it holds', () => {
  expect(codes(kernel({ initramfs: undefined }))).toEqual([['guest.initramfs-unreadable', Severity.BLOCK]]);
});

const modulesFile = (text: string | undefined) =>
  text === undefined ? [] : [{ tool: 'initramfs-tools' as const, path: INITRAMFS_MODULES, text }];

it('names the drivers for the next kernel too, once', () => {
  const [fix] = planNextKernel(modulesFile('# mine\nvmw_pvscsi foo=1\n\n'), [kernel()], wants);
  const [change] = fix?.changes ?? [];
  const content = change?.kind === 'write' ? change.content : '';
  expect(content.split('\n')).toEqual([
    '# mine',
    'vmw_pvscsi foo=1',
    '# Drivers of the platforms that this machine may be restored to.',
    'virtio_pci',
    'virtio_blk',
    'virtio_net',
    'hid_hyperv',
    '',
  ]);
  expect(planNextKernel(modulesFile(content), [kernel()], wants)).toEqual([]);
});

it.each([
  ['the guest has no such file', undefined, DEP, ''],
  ['they are named, in either spelling', 'virtio-pci\nvirtio_blk\n', DEP, ''],
  ['every kernel has them built in', '', '', 'kernel/virtio_pci.ko\nkernel/virtio_blk.ko'],
])('names nothing where %s', (_what, modules, dep, builtin) => {
  expect(planNextKernel(modulesFile(modules), [kernel({}, dep, builtin)], wants)).toEqual([]);
});
