/** Which distribution, from the files that each leaves for that. Source: os-release(5); the older ones by example. */
import type { GuestFiles } from '../files.ts';

export interface Release {
  /** As os-release has it, e.g. "rhel", "sles", "debian"; "linux" where nothing says. */
  id: string;
  version: string | undefined;
  /** For people. */
  name: string;
}

export const RELEASE_FILES = [
  '/etc/os-release',
  '/usr/lib/os-release',
  '/etc/redhat-release',
  '/etc/SuSE-release',
  '/etc/debian_version',
];

export async function readRelease(files: GuestFiles): Promise<Release> {
  for (const path of RELEASE_FILES) {
    const text = await files.readText(path);
    const release = text === undefined ? undefined : parseRelease(path, text);
    if (release) return release;
  }
  return { id: 'linux', version: undefined, name: 'Linux' };
}

/** Undefined where the file does not say what its name promises. */
export function parseRelease(path: string, text: string): Release | undefined {
  if (path.endsWith('/os-release')) return fromOsRelease(text);
  const [firstLine = ''] = text.split('\n');
  if (path.endsWith('/redhat-release')) return fromRedHat(firstLine.trim());
  if (path.endsWith('/SuSE-release')) return fromSuse(firstLine.trim(), text);
  const version = firstLine.trim();
  return version === '' ? undefined : { id: 'debian', version, name: `Debian ${version}` };
}

function fromOsRelease(text: string): Release | undefined {
  const field = (name: string) =>
    new RegExp(`^${name}=(["']?)([^"'\n]*)\\1[ \t\r]*$`, 'm').exec(text)?.[2]?.trim();
  const id = field('ID');
  if (!id) return undefined;
  const version = field('VERSION_ID');
  return { id, version, name: field('PRETTY_NAME') ?? field('NAME') ?? id };
}

/** "Red Hat Enterprise Linux Server release 6.10 (Santiago)", "CentOS release 5.11 (Final)". */
function fromRedHat(line: string): Release | undefined {
  const match = /^([A-Za-z][\w ]{0,60}?) release (\d[\d.]*)/.exec(line);
  if (!match) return undefined;
  const vendor = match[1] ?? '';
  const id = vendor.startsWith('CentOS') ? 'centos' : vendor.startsWith('Fedora') ? 'fedora' : 'rhel';
  return { id, version: match[2], name: line };
}

/** "SUSE Linux Enterprise Server 11 (x86_64)", then VERSION = 11 and PATCHLEVEL = 4. */
function fromSuse(line: string, text: string): Release | undefined {
  const field = (name: string) => new RegExp(`^${name} *= *(\\d[\\d.]*)`, 'm').exec(text)?.[1];
  const version = field('VERSION');
  if (version === undefined) return undefined;
  const patch = field('PATCHLEVEL');
  const id = line.includes('Enterprise') ? 'sles' : 'opensuse';
  return { id, version: patch === undefined ? version : `${version}.${patch}`, name: line };
}
