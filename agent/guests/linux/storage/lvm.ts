/**
 * LVM looks for its volumes on every disk: a list of devices by serial number, or a filter by name, would hide them on
 * other hardware. Source: lvmdevices(8), lvm.conf(5).
 */
import type { Fix } from '../../fix.ts';
import type { GuestFiles } from '../../files.ts';
import type { Initramfs } from '../initramfs/initramfs.ts';

export interface LvmFacts {
  /** Lists of devices and caches of names that are there. */
  lists: readonly string[];
  /** Text of lvm.conf. */
  config: string | undefined;
}

const CONFIG = '/etc/lvm/lvm.conf';
const LISTS = ['/etc/lvm/devices/system.devices', '/etc/lvm/cache/.cache'];

export async function readLvm(files: GuestFiles): Promise<LvmFacts> {
  const lists: string[] = [];
  for (const path of LISTS) if (await files.test('is-file', path)) lists.push(path);
  return { lists, config: await files.readText(CONFIG) };
}

export function planLvm({ lists, config }: LvmFacts): Fix[] {
  const opened = config === undefined ? undefined : withoutFilters(config);
  const changes: Fix['changes'] = lists.map((path) => ({ kind: 'remove', path }));
  if (opened !== undefined && opened !== config)
    changes.push({ kind: 'write', path: CONFIG, content: opened });
  if (changes.length === 0) return [];
  return [
    {
      name: 'linux.lvm-devices',
      summary: 'Let LVM look for its volumes on every disk: it was told the disks of the old hardware.',
      changes,
    },
  ];
}

// One line; a filter over several is left, and so is one that only accepts everything.
const FILTER = /^([ \t]*)((?:global_)?filter[ \t]*=[ \t]*\[[^\n\]]*\][ \t]*)$/gm;

function withoutFilters(config: string): string {
  return config.replace(FILTER, (all, indent: string, setting: string) =>
    refusesAny(setting) ? `${indent}# ${setting}` : all,
  );
}

function refusesAny(setting: string): boolean {
  return /"r[^"]*"/.test(setting);
}

const OVERRIDE = 'etc/lvm/lvmlocal.conf';

/**
 * Files that an initramfs needs where it carries such a list or filter itself: a list cannot be deleted by a later
 * archive, and an empty one means "no device", so a setting overrules both.
 */
export function volumesByContent({ texts }: Pick<Initramfs, 'texts'>): Map<string, string> {
  const settings: string[] = [];
  if (texts.has('etc/lvm/devices/system.devices')) settings.push('use_devicesfile = 0');
  const config = texts.get('etc/lvm/lvm.conf') ?? '';
  if (withoutFilters(config) !== config) settings.push('filter = [ "a|.*|" ]', 'global_filter = [ "a|.*|" ]');
  if (settings.length === 0) return new Map();
  const content = `devices {\n${settings.map((setting) => `\t${setting}\n`).join('')}}\n`;
  return new Map(texts.get(OVERRIDE) === content ? [] : [[OVERRIDE, content]]);
}
