/**
 * The last choice: an initramfs built anew by the guest's own program, where it neither holds the drivers nor takes a
 * segment. It runs in the appliance, which has the guest's disks and nothing else: no network, and memory of its own.
 */
import type { Change, Fix, ProgramRun } from '../../fix.ts';
import type { GuestFiles } from '../../files.ts';
import { ALL_TARGET_DRIVERS } from './drivers.ts';
import type { KernelFacts } from '../boot/kernels.ts';
import type { InitramfsTool } from './next-initramfs.ts';

/** mkinitrd is SUSE's; nash is Red Hat's program of the same name, before dracut. */
export type BuilderTool = InitramfsTool | 'nash';

/** A program of the guest that builds initramfs. */
export interface Builder {
  tool: BuilderTool;
  program: string;
  /** initramfs-tools: which modules it takes, as the guest has set it. */
  policy?: string;
  /** dracut: whether it can be told to leave the hardware around it alone; it takes everything then. */
  takesNoHostonly?: boolean;
}

const CONFIG = '/etc/initramfs-tools';

/** In the order in which a guest that has several is most likely to use them. */
export async function readBuilders(files: GuestFiles): Promise<Builder[]> {
  const builders: Builder[] = [];
  const mkinitramfs = await firstOf(files, ['/usr/sbin/mkinitramfs']);
  if (mkinitramfs)
    builders.push({ tool: 'initramfs-tools', program: mkinitramfs, ...(await readPolicy(files)) });
  const dracut = await firstOf(files, ['/usr/bin/dracut', '/usr/sbin/dracut', '/sbin/dracut']);
  if (dracut) {
    const text = (await files.readText(dracut)) ?? '';
    builders.push({ tool: 'dracut', program: dracut, takesNoHostonly: text.includes('no-hostonly') });
  }
  const mkinitcpio = await firstOf(files, ['/usr/bin/mkinitcpio', '/sbin/mkinitcpio']);
  if (mkinitcpio) builders.push({ tool: 'mkinitcpio', program: mkinitcpio });
  const mkinitrd = await firstOf(files, ['/sbin/mkinitrd', '/usr/sbin/mkinitrd']);
  const script = mkinitrd && (await files.readText(mkinitrd));
  // Where there is dracut, it is a name for that.
  if (mkinitrd && script && !dracut)
    builders.push({ tool: script.includes('nash') ? 'nash' : 'mkinitrd', program: mkinitrd });
  return builders;
}

async function firstOf(files: GuestFiles, programs: readonly string[]): Promise<string | undefined> {
  for (const program of programs) if (await files.test('is-file', program)) return program;
  return undefined;
}

/** The last setting counts. Source: initramfs.conf(5). */
async function readPolicy(files: GuestFiles): Promise<Pick<Builder, 'policy'>> {
  const names = (await files.list(`${CONFIG}/conf.d`)).sort();
  let policy: string | undefined;
  for (const path of [`${CONFIG}/initramfs.conf`, ...names.map((name) => `${CONFIG}/conf.d/${name}`)]) {
    const text = (await files.readText(path)) ?? '';
    policy = [...text.matchAll(/^[ \t]*MODULES=["']?(\w+)/gm)].at(-1)?.[1] ?? policy;
  }
  return policy === undefined ? {} : { policy };
}

/** What a rebuild has to go by. */
export interface RebuildFacts {
  builders: readonly Builder[];
  /** Whether the root lies in an encrypted volume. */
  isEncrypted: boolean;
}

// What each asks the machine about that it runs on would be answered by the appliance: the mapping of an encrypted root
// has another name there, and all but dracut take cryptsetup in only where they find it by the name that crypttab has.
const FINDS_ENCRYPTED: ReadonlySet<BuilderTool> = new Set(['dracut']);

// 412 s for all modules of Debian 12 (MODULES=most), under emulation on two cores; a loaded host takes some times that.
const LIMIT_MS = 30 * 60_000;
const MIB = 1024 ** 2;
// As virt-v2v wants it; what is packed for all hardware has some 40 MB, and is unpacked beside it first.
const BOOT_ROOM = 50 * MIB;
const WORK_ROOM = 100 * MIB;
// A path or a version that needs quoting is no distribution's.
const PLAIN = /^[\w@%+=:,.~/-]+$/;

/** @param why ends the summary, a sentence. Undefined where no program of the guest can do it. */
export function planRebuild(kernel: KernelFacts, why: string, facts: RebuildFacts): Fix | undefined {
  const { version, initramfsPath, initramfs } = kernel;
  if (!PLAIN.test(version) || !PLAIN.test(initramfsPath)) return undefined;
  const able = facts.builders.filter(({ tool }) => !facts.isEncrypted || FINDS_ENCRYPTED.has(tool));
  const builder = able.find(({ tool }) => tool === initramfs?.builtBy) ?? able[0];
  if (builder === undefined) return undefined;
  const run: ProgramRun = {
    kind: 'run',
    path: initramfsPath,
    program: builder.program,
    args: ARGUMENTS[builder.tool](kernel, builder),
    limitMs: LIMIT_MS,
    room: new Map([
      [initramfsPath.slice(0, initramfsPath.lastIndexOf('/')), BOOT_ROOM],
      ['/var', WORK_ROOM],
    ]),
  };
  return {
    name: 'linux.initramfs-rebuild',
    summary: `Build the initramfs of kernel ${version} anew with the guest's own ${builder.program}, in the appliance, without a network. ${why}`,
    changes: withSettings(run, builder.tool === 'initramfs-tools' ? settingsOf(kernel, builder) : []),
  };
}

/** What is said beside the configuration that the guest has, which `linux.next-initramfs` has written the drivers into. */
const ARGUMENTS: Readonly<Record<BuilderTool, (kernel: KernelFacts, builder: Builder) => string[]>> = {
  // Not update-initramfs, which does nothing where update_initramfs=no, and writes to /boot/initrd.img alone.
  'initramfs-tools': ({ initramfsPath, version }) => ['-o', initramfsPath, version],
  dracut: ({ initramfsPath, version, initramfs }, { takesNoHostonly }) => [
    '--force',
    ...(takesNoHostonly ? ['--no-hostonly'] : []),
    ...(initramfs === undefined ? ['--gzip'] : []),
    ...[initramfsPath, version],
  ],
  // Its hook "autodetect" leaves out what the appliance has no use for.
  mkinitcpio: ({ initramfsPath, version, initramfs }) => [
    ...['-k', version, '-g', initramfsPath, '-S', 'autodetect'],
    ...(initramfs === undefined ? ['-z', 'gzip'] : []),
  ],
  mkinitrd: ({ initramfsPath, version }) => ['-k', `/boot/vmlinuz-${version}`, '-i', initramfsPath],
  nash: ({ initramfsPath, version, index }) => [
    '-f',
    ...ALL_TARGET_DRIVERS.filter((driver) => index.filesOf(driver) !== undefined).map(
      (driver) => `--with=${driver}`,
    ),
    ...[initramfsPath, version],
  ],
};

/**
 * MODULES=dep takes the drivers of the machine that it runs on, and that is the appliance. The guest's own setting is
 * right again at its next kernel.
 */
function settingsOf({ initramfs }: KernelFacts, { policy }: Builder): string[] {
  return [
    ...(policy === 'dep' ? ['MODULES=most'] : []),
    ...(initramfs === undefined ? ['COMPRESS=gzip'] : []),
  ];
}

// Behind every other of its folder.
const SETTINGS = `${CONFIG}/conf.d/zz-ascend`;

function withSettings(run: ProgramRun, settings: readonly string[]): Change[] {
  if (settings.length === 0) return [run];
  const content = settings.map((setting) => `${setting}\n`).join('');
  return [{ kind: 'write', path: SETTINGS, content }, run, { kind: 'remove', path: SETTINGS }];
}
