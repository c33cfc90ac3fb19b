/**
 * The files that say how a guest's kernel is started, of every boot loader that Linux is met with: GRUB 2 and legacy,
 * Boot Loader Specification entries (GRUB's and systemd-boot's), extlinux. Each knows where its kernel arguments are.
 */
import type { GuestFiles } from '../../files.ts';

export interface BootFile {
  path: string;
  kind: BootFileKind;
  text: string;
}

/** The last two are read when the next entry is made; the others at every start. */
export type BootFileKind =
  'grub' | 'grub-legacy' | 'entry' | 'environment' | 'extlinux' | 'defaults' | 'next-entry';

export type Rewrite = (options: string) => string;

export const GRUB_DEFAULTS = '/etc/default/grub';
const ESP_FOLDERS = ['/boot/efi', '/efi', '/boot'];

export async function readBootFiles(files: GuestFiles): Promise<BootFile[]> {
  const found: BootFile[] = [];
  for (const [kind, paths] of await candidates(files)) {
    for (const path of paths) {
      // menu.lst is often a link to grub.conf, and grubenv one to the ESP: what it leads to is in the list too.
      const text = (await files.test('is-symlink', path)) ? undefined : await files.readText(path);
      if (text !== undefined) found.push({ path, kind, text });
    }
  }
  return found;
}

async function candidates(files: GuestFiles): Promise<[BootFileKind, string[]][]> {
  const vendors = await vendorFolders(files);
  const grubFolders = ['/boot/grub', '/boot/grub2', ...vendors];
  const entries: string[] = [];
  for (const folder of ESP_FOLDERS) {
    entries.push(...(await filesOf(files, `${folder}/loader/entries`, '.conf')));
  }
  return [
    ['grub', grubFolders.map((folder) => `${folder}/grub.cfg`)],
    ['environment', grubFolders.map((folder) => `${folder}/grubenv`)],
    ['entry', entries],
    ['grub-legacy', ['/boot/grub/menu.lst', '/boot/grub/grub.conf', ...vendors.map((v) => `${v}/grub.conf`)]],
    [
      'extlinux',
      [
        '/boot/extlinux/extlinux.conf',
        '/boot/extlinux.conf',
        '/boot/syslinux/syslinux.cfg',
        '/extlinux.conf',
      ],
    ],
    ['defaults', [GRUB_DEFAULTS, ...(await filesOf(files, '/etc/default/grub.d', '.cfg'))]],
    ['next-entry', ['/etc/kernel/cmdline']],
  ];
}

/** e.g. "/boot/efi/EFI/redhat". */
async function vendorFolders(files: GuestFiles): Promise<string[]> {
  const folders: string[] = [];
  for (const esp of ['/boot/efi', '/efi']) {
    for (const name of await files.list(`${esp}/EFI`)) folders.push(`${esp}/EFI/${name}`);
  }
  return folders;
}

export async function filesOf(files: GuestFiles, folder: string, ending: string): Promise<string[]> {
  const names = await files.list(folder);
  return names.filter((name) => name.endsWith(ending)).map((name) => `${folder}/${name}`);
}

/** Those of the files that are there: path -> text. */
export async function readAll(files: GuestFiles, paths: readonly string[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const path of paths) {
    const text = await files.readText(path);
    if (text !== undefined) texts.set(path, text);
  }
  return texts;
}

// No \s, which runs over the ends of lines: a file of empty lines would take minutes.
const ARGUMENT_LINES: Readonly<Record<Exclude<BootFileKind, 'defaults' | 'next-entry'>, RegExp>> = {
  // "linux16" and "linuxefi" are of older builds; kernelopts serves entries that say $kernelopts (RHEL 8).
  grub: /^([ \t]*(?:linux(?:16|efi)?[ \t]+\S+|set (?:default_)?kernelopts="(?=[^"\n]*"[ \t\r]*$)))(.*)$/gm,
  // "kernel /xen.gz" starts a hypervisor. "# kopt=" is Debian's, for the next entry.
  'grub-legacy': /^([ \t]*kernel[ \t]+(?!\S*xen[^/\s]*\.gz)(?:--\S+[ \t]+)*\S+|# kopt=)(.*)$/gm,
  entry: /^(options[ \t])(.*)$/gm,
  extlinux: /^([ \t]*append[ \t])(.*)$/gim,
  environment: /^(kernelopts=)(.*)$/gm,
};

/** The same file with every line of kernel arguments rewritten. */
export function rewriteArguments(file: BootFile, rewrite: Rewrite): BootFile {
  return { ...file, text: rewritten(file, rewrite) };
}

function rewritten({ kind, text }: BootFile, rewrite: Rewrite): string {
  if (kind === 'defaults') return rewriteDefaults(text, rewrite);
  if (kind === 'next-entry') {
    const [, line = '', end = ''] = /^([^\n]*)([^]*)$/.exec(text) ?? [];
    return rewrite(line) + end;
  }
  const lines = text.replace(ARGUMENT_LINES[kind], (_all, start: string, options: string) => {
    const quote = start.endsWith('"') ? (/"[ \t\r]*$/.exec(options)?.[0] ?? '') : '';
    return start + rewrite(options.slice(0, options.length - quote.length)) + quote;
  });
  return kind === 'environment' && lines !== text ? asEnvironmentBlock(lines) : lines;
}

// Source: GRUB manual, "Environment block": 1024 bytes, filled with "#"; GRUB refuses any other length.
const ENVIRONMENT_BYTES = 1024;

function asEnvironmentBlock(text: string): string {
  const lines = text.replace(/\n#+$/, '\n');
  return lines + '#'.repeat(Math.max(0, ENVIRONMENT_BYTES - Buffer.byteLength(lines)));
}

/** The arguments of every entry that is made next. The shell that reads the file takes the last of several lines: all are changed. */
function rewriteDefaults(text: string, rewrite: Rewrite): string {
  return text.replace(
    // Double quotes may hold escaped ones.
    /^([ \t]*GRUB_CMDLINE_LINUX=)(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"';#$`\\]*)(?=[ \t]*(?:#|$)))/gm,
    (all, key: string, double?: string, single?: string, bare?: string) => {
      const options = double ?? single ?? bare ?? '';
      const changed = rewrite(options).trim();
      if (changed === options.trim()) return all;
      return single === undefined ? `${key}"${changed}"` : `${key}'${changed}'`;
    },
  );
}

/** Every line of kernel arguments that counts at the next start. */
export function liveArguments(file: BootFile): string[] {
  if (file.kind === 'defaults' || file.kind === 'next-entry') return [];
  const found: string[] = [];
  rewriteArguments(file, (options) => {
    found.push(options);
    return options;
  });
  return found;
}

/** Initramfs that entries name, as the boot loader sees them; microcode left out. */
export function initrdPaths({ kind, text }: BootFile): string[] {
  if (kind === 'defaults' || kind === 'environment' || kind === 'next-entry') return [];
  const lines = text.matchAll(/^[ \t]*initrd(?:16|efi)?[ \t]+(.+)$/gim);
  return [...lines]
    .flatMap((match) => (match[1] ?? '').trim().split(/[ \t]+/))
    .map((path) => path.replace(/^\([^)]*\)/, ''))
    .filter((path) => path.startsWith('/') && !/ucode|\.\.\//.test(path));
}
