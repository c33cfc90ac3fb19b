/**
 * RAID arrays have names of the guest's own: another machine that assembles them, as the appliance does, may count from
 * /dev/md127 down. Source: md(4), mdadm.conf(5), "ARRAY".
 */
import type { GuestFiles } from '../../files.ts';
import type { GuestSession } from '../../guest.ts';

export interface RaidArray {
  /** Digits alone: it is written with colons here and with dashes there. */
  uuid: string;
  /** e.g. "raid1". */
  level: string | undefined;
  /** What it was called when it was made, e.g. "0" or "root"; undefined with metadata of before 1.0. */
  name: string | undefined;
}

export async function readArray(session: GuestSession, device: string): Promise<RaidArray> {
  const detail = await session.call('md-detail', device).catch(() => '');
  const field = (key: string) => new RegExp(`^${key}: (\\S+)$`, 'm').exec(detail)?.[1];
  // "raid01:0": of that host.
  const name = field('name')?.replace(/^[^:]*:/, '');
  return { uuid: digitsOf(field('uuid') ?? ''), level: field('level'), name };
}

/** What the guest may call it, where no file of it says: "0" is /dev/md0 and /dev/md/0. */
export function namesOfArray({ name }: RaidArray): string[] {
  if (name === undefined || !/^[\w.-]+$/.test(name)) return [];
  return /^\d+$/.test(name) ? [`/dev/md${name}`, `/dev/md/${name}`] : [`/dev/md/${name}`];
}

const CONFIGS = ['/etc/mdadm/mdadm.conf', '/etc/mdadm.conf'];

/** As the guest's own files name arrays: device -> digits of the UUID. */
export async function readConfiguredArrays(files: GuestFiles): Promise<Map<string, string>> {
  for (const path of CONFIGS) {
    const text = await files.readText(path);
    if (text !== undefined) return configuredArrays(text);
  }
  return new Map();
}

export function configuredArrays(text: string): Map<string, string> {
  const arrays = new Map<string, string>();
  for (const [, device = '', rest = ''] of text.matchAll(/^[ \t]*ARRAY[ \t]+(\S+)([^\n]*)/gim)) {
    const uuid = /[ \t]uuid=([0-9a-f:]+)/i.exec(rest)?.[1];
    if (uuid === undefined || !/^(\/dev\/)?md/.test(device)) continue;
    // "md0" and "/dev/md/0" are /dev/md0.
    const path = device.startsWith('/') ? device : `/dev/${device}`;
    arrays.set(path, digitsOf(uuid));
    const number = /^\/dev\/md\/?(\d+)$/.exec(path)?.[1];
    if (number !== undefined) {
      arrays.set(`/dev/md${number}`, digitsOf(uuid));
      arrays.set(`/dev/md/${number}`, digitsOf(uuid));
    }
  }
  return arrays;
}

export function digitsOf(id: string): string {
  return id.replace(/[^0-9A-Za-z]/g, '').toLowerCase();
}
