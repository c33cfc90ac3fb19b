/** Kernel arguments: the root by UUID, a console where the target has one, and what else the target asks for. */
import type { Fix } from '../../fix.ts';
import type { GuestRequirements } from '../../requirements.ts';
import { GRUB_DEFAULTS, rewriteArguments, type BootFile, type Rewrite } from './boot-files.ts';
import { deviceOf, isHardwareName, type MountedRoot } from '../storage/devices.ts';

export type ArgumentWishes = Pick<GuestRequirements, 'serialConsole' | 'kernelArguments'>;

/** The fixes touch the same files: each starts from what the one before leaves. */
export function planArguments(
  files: readonly BootFile[],
  root: MountedRoot,
  { serialConsole, kernelArguments }: ArgumentWishes,
  kernelVersions: readonly string[],
): Fix[] {
  const named = files.map((file) => enableUuids(rewriteArguments(file, (options) => byUuid(options, root))));
  const shown =
    serialConsole === undefined ? named : addTo(named, (options) => consoleOn(options, serialConsole));
  const wanted = kernelArguments.map((argument) => asKernelsTakeIt(argument, kernelVersions));
  const complete = addTo(shown, (options) => wanted.reduce(withArgument, options));
  return [
    ...asFix(
      'linux.root-argument',
      'Name the root file system and the swap area by UUID on the kernel line, and no swap area that is not there.',
      files,
      named,
    ),
    ...asFix(
      'linux.serial-console',
      `Show the console on ${serialConsole ?? 'no port'} as well, where the target can be watched.`,
      named,
      shown,
    ),
    ...asFix('linux.kernel-arguments', `Start the kernel with ${wanted.join(' ')}.`, shown, complete),
  ];
}

function byUuid(options: string, root: MountedRoot): string {
  return options.replace(
    /(^|[ \t])(root|resume)=([^\s"]+)/g,
    (all, gap: string, key: string, spec: string) => {
      // So is one that goes by the name that fstab has for it: a letter alone depends on the order of the disks.
      const known = spec === root.spec ? root.device : deviceOf(spec, root);
      if (!isHardwareName(spec)) {
        // The kernel waits for a swap area that is not there, in some initramfs without end.
        const isStale = key === 'resume' && known === undefined && /^(UUID|LABEL)=/.test(spec);
        return isStale ? '' : all;
      }
      // A root whose name says nothing here (nvme0n1p2) is the one that has been found.
      const uuid = root.uuids.get(known ?? (key === 'root' ? root.device : ''));
      if (uuid) return `${gap}${key}=UUID=${uuid}`;
      return key === 'resume' ? '' : all;
    },
  );
}

/** With this line the next update-grub would write device names again. */
function enableUuids(file: BootFile): BootFile {
  if (file.path !== GRUB_DEFAULTS) return file;
  const text = file.text.replace(/^([ \t]*)(GRUB_DISABLE_LINUX_UUID=["']?true["']?)/gm, '$1#$2');
  return { ...file, text };
}

/** Xen's consoles give way to the target's; the last console is the one that init talks to. */
function consoleOn(options: string, device: string): string {
  const kept = options.replace(/(^|\s)console=(xvc0|hvc0)(,\S*)?(?=\s|$)/g, '');
  if (new RegExp(`(^|\\s)console=${device}(,|\\s|$)`).test(kept)) return kept;
  const screen = /(^|\s)console=/.test(kept) ? '' : ' console=tty0';
  return `${kept.trimEnd()}${screen} console=${device},115200n8`;
}

/** "key=value" in place of another value of that key, else at the end. */
function withArgument(options: string, argument: string): string {
  const words = options.split(/[ \t]+/);
  if (words.includes(argument)) return options;
  const key = argument.slice(0, argument.indexOf('=') + 1);
  const at = key === '' ? -1 : words.findIndex((word) => word.startsWith(key));
  if (at < 0) return `${options.trimEnd()} ${argument}`;
  return options.replace(new RegExp(`(^|[ \\t])${key.replace(/[.]/g, '\\.')}\\S*`), `$1${argument}`);
}

/** Before Linux 4.15 this parameter was a byte, and a driver with a parameter out of range does not load. */
function asKernelsTakeIt(argument: string, versions: readonly string[]): string {
  const isOld = versions.some((version) => {
    const [major = 0, minor = 0] = version.split('.').map((part) => parseInt(part, 10));
    return major < 4 || (major === 4 && minor < 15);
  });
  return isOld && argument.startsWith('nvme_core.io_timeout=') ? 'nvme_core.io_timeout=254' : argument;
}

/** Entries that take $kernelopts, and defaults that extend others, get it from there. */
function addTo(files: readonly BootFile[], rewrite: Rewrite): BootFile[] {
  const unlessIndirect: Rewrite = (options) =>
    /\$\{?(kernelopts|GRUB_CMDLINE_LINUX)\b/.test(options) ? options : rewrite(options);
  return files.map((file) => rewriteArguments(file, unlessIndirect));
}

function asFix(
  name: string,
  summary: string,
  before: readonly BootFile[],
  after: readonly BootFile[],
): Fix[] {
  const changed = after.filter(({ text }, index) => text !== before[index]?.text);
  if (changed.length === 0) return [];
  const changes = changed.map(({ path, text }) => ({ kind: 'write' as const, path, content: text }));
  return [{ name, summary, changes }];
}
