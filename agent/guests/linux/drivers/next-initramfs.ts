/** The next kernel's initramfs gets the drivers too: each tool that builds one is told in its own configuration. */
import type { Fix } from '../../fix.ts';
import type { GuestFiles } from '../../files.ts';
import type { GuestRequirements } from '../../requirements.ts';
import { ALL_TARGET_DRIVERS, bootDriversOf } from './drivers.ts';
import type { KernelFacts } from '../boot/kernels.ts';

export type InitramfsTool = 'initramfs-tools' | 'dracut' | 'mkinitcpio' | 'mkinitrd';

/** Configuration of a tool that the guest has. */
export interface ToolFacts {
  tool: InitramfsTool;
  path: string;
  /** Undefined where the file is ours to make. */
  text: string | undefined;
}

export const INITRAMFS_MODULES = '/etc/initramfs-tools/modules';
const DRACUT_FOLDER = '/etc/dracut.conf.d';

export async function readTools(files: GuestFiles): Promise<ToolFacts[]> {
  const tools: ToolFacts[] = [];
  const add = async (tool: InitramfsTool, path: string) => {
    const text = await files.readText(path);
    if (text !== undefined) tools.push({ tool, path, text });
  };
  await add('initramfs-tools', INITRAMFS_MODULES);
  if ((await files.test('is-dir', DRACUT_FOLDER)) || (await files.test('is-file', '/etc/dracut.conf'))) {
    const path = `${DRACUT_FOLDER}/99-ascend.conf`;
    tools.push({ tool: 'dracut', path, text: await files.readText(path) });
  }
  await add('mkinitcpio', '/etc/mkinitcpio.conf');
  // SUSE before dracut: later releases keep the file, and the setting in it.
  if (!tools.some(({ tool }) => tool === 'dracut')) await add('mkinitrd', '/etc/sysconfig/kernel');
  return tools;
}

export function planNextKernel(
  tools: readonly ToolFacts[],
  kernels: readonly KernelFacts[],
  wants: GuestRequirements,
): Fix[] {
  const isBuiltIn = (driver: string) => kernels.every(({ index }) => index.isBuiltIn(driver));
  const isModule = (driver: string) => kernels.some(({ index }) => index.filesOf(driver) !== undefined);
  const needed = bootDriversOf(wants).filter((driver) => !isBuiltIn(driver));
  const available = ALL_TARGET_DRIVERS.filter(isModule);
  return tools.flatMap(({ tool, path, text }) => {
    const content = WRITERS[tool](text, needed, available);
    if (content === undefined || content === text) return [];
    return [
      {
        name: 'linux.next-initramfs',
        summary: `Name the drivers of all targets in ${path}, so that the next kernel has them too.`,
        changes: [{ kind: 'write' as const, path, content }],
      },
    ];
  });
}

/** The new text; undefined where nothing is to be changed. */
type Writer = (
  text: string | undefined,
  needed: readonly string[],
  available: readonly string[],
) => string | undefined;

const WRITERS: Readonly<Record<InitramfsTool, Writer>> = {
  'initramfs-tools': (text = '', needed, available) => {
    const named = new Set(text.split('\n').map((line) => modprobeName(line.trim().split(/\s+/)[0] ?? '')));
    if (needed.every((driver) => named.has(driver))) return undefined;
    const added = available.filter((driver) => !named.has(driver));
    return `${text.trimEnd()}\n# Drivers of the platforms that this machine may be restored to.\n${added.join('\n')}\n`;
  },
  dracut: (text, needed, available) => {
    const named = wordsOf(/^add_drivers\+=" ([^"]*) "$/m, text);
    if (needed.every((driver) => named.has(driver))) return undefined;
    return `# Drivers of the platforms that this machine may be restored to.\nadd_drivers+=" ${available.join(' ')} "\n`;
  },
  mkinitcpio: (text = '', needed, available) =>
    extended(text, /^(MODULES=\()([^)\n]*)(\))/m, needed, available),
  mkinitrd: (text = '', needed, available) =>
    extended(text, /^(INITRD_MODULES=")([^"\n]*)(")/m, needed, available),
};

/** Names added to the list that the second group holds; undefined where there is no such list. */
function extended(
  text: string,
  list: RegExp,
  needed: readonly string[],
  available: readonly string[],
): string | undefined {
  const named = wordsOf(list, text, 2);
  if (!list.test(text) || needed.every((driver) => named.has(driver))) return undefined;
  const added = available.filter((driver) => !named.has(driver));
  return text.replace(list, (_all, start: string, names: string, end: string) => {
    return `${start}${[names.trim(), ...added].filter(Boolean).join(' ')}${end}`;
  });
}

function wordsOf(list: RegExp, text = '', group = 1): Set<string> {
  return new Set((list.exec(text)?.[group] ?? '').split(/\s+/).map(modprobeName));
}

function modprobeName(name: string): string {
  return name.replace(/-/g, '_');
}
