/** GRUB 2: the kernel line names the root by UUID and shows a console where the target has one. */
import type { Change, Fix } from '../fix.ts';
import { deviceOf, DRIVER_NAME, type MountedRoot } from './devices.ts';

export interface GrubFacts {
  /** Every grub.cfg that GRUB may read: path -> text. */
  configs: ReadonlyMap<string, string>;
  /** Text of /etc/default/grub, from which the next grub.cfg is made. */
  defaults: string | undefined;
}

export const GRUB_CONFIGS = ['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg'];
export const GRUB_DEFAULTS = '/etc/default/grub';

// Kernel lines of grub.cfg: "linux", and "linux16" or "linuxefi" of older builds.
// No \s, which runs over the ends of lines: a file of empty lines would take minutes.
const KERNEL_LINE = /^([ \t]*linux(?:16|efi)?[ \t]+\S+)(.*)$/gm;

type Rewrite = (options: string) => string;

/** Both fixes touch the same files: the second starts from what the first leaves. */
export function planGrub(grub: GrubFacts, root: MountedRoot, console: string | undefined): Fix[] {
  const named = rootByUuid(grub, root);
  const shown = console === undefined ? named : consoleOn(named, console);
  return [
    ...asFix('linux.grub-root', 'Name the root file system by UUID on the kernel line.', grub, named),
    ...asFix(
      'linux.serial-console',
      `Show the console on ${console} as well, where the target can be watched.`,
      named,
      shown,
    ),
  ];
}

function rootByUuid(grub: GrubFacts, { device: root, spec, uuids }: MountedRoot): GrubFacts {
  const configs = rewriteKernelLines(grub.configs, (options) =>
    options.replace(/(^|\s)(root|resume)=(\/dev\/\S+)/g, (all, gap: string, key: string, device: string) => {
      // A root whose name says nothing here (nvme0n1p2) is the one that has been found.
      // So is one that goes by the name that fstab has for it: a letter alone depends on the order of the disks.
      const known = device === spec ? root : deviceOf(device, uuids);
      const found = known ?? (key === 'root' && DRIVER_NAME.test(device) ? root : undefined);
      const uuid = found && uuids.get(found);
      return uuid ? `${gap}${key}=UUID=${uuid}` : all;
    }),
  );
  // With this line the next update-grub would write device names again.
  const defaults = grub.defaults?.replace(/^([ \t]*)(GRUB_DISABLE_LINUX_UUID=["']?true["']?)/gm, '$1#$2');
  return { configs, defaults };
}

/** Xen's consoles give way to the target's; the last console is the one that init talks to. */
function consoleOn(grub: GrubFacts, device: string): GrubFacts {
  const rewrite: Rewrite = (options) => {
    const kept = options.replace(/(^|\s)console=(xvc0|hvc0)(,\S*)?(?=\s|$)/g, '');
    if (new RegExp(`(^|\\s)console=${device}(,|\\s|$)`).test(kept)) return kept;
    const screen = /(^|\s)console=/.test(kept) ? '' : ' console=tty0';
    return `${kept.trimEnd()}${screen} console=${device},115200n8`;
  };
  return {
    configs: rewriteKernelLines(grub.configs, rewrite),
    defaults: rewriteDefault(grub.defaults, rewrite),
  };
}

function asFix(name: string, summary: string, before: GrubFacts, after: GrubFacts): Fix[] {
  const changes: Change[] = [];
  for (const [path, content] of after.configs) {
    if (content !== before.configs.get(path)) changes.push({ kind: 'write', path, content });
  }
  if (after.defaults !== undefined && after.defaults !== before.defaults) {
    changes.push({ kind: 'write', path: GRUB_DEFAULTS, content: after.defaults });
  }
  return changes.length === 0 ? [] : [{ name, summary, changes }];
}

function rewriteKernelLines(configs: GrubFacts['configs'], rewrite: Rewrite): GrubFacts['configs'] {
  const rewriteText = (text: string) =>
    text.replace(KERNEL_LINE, (_all, kernel: string, options: string) => kernel + rewrite(options));
  return new Map([...configs].map(([path, text]) => [path, rewriteText(text)]));
}

function rewriteDefault(text: string | undefined, rewrite: Rewrite): string | undefined {
  return text?.replace(
    // Double quotes may hold escaped ones. The shell that reads the file takes the last of several lines: all are changed.
    /^([ \t]*GRUB_CMDLINE_LINUX=)(?:"((?:[^"\\]|\\.)*)"|'([^']*)')/gm,
    (_all, key: string, double: string | undefined, single: string | undefined) =>
      double === undefined ? `${key}'${rewrite(single ?? '').trim()}'` : `${key}"${rewrite(double).trim()}"`,
  );
}
