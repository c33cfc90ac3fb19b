/**
 * Services of the inits before systemd. SysV starts what rcN.d has a link S<order><name> for, and stops K<order><name>;
 * Upstart what lies in /etc/init as <name>.conf; OpenRC what has a link in a runlevel.
 * Source: init.d(7), chkconfig(8), update-rc.d(8); init(5) of Upstart; openrc's user guide, "Runlevels".
 */
import type { Change } from '../../fix.ts';
import type { GuestFiles } from '../../files.ts';
import type { Init } from './init.ts';

/** A service of one of these names, and how it is started now. */
export interface ScriptService {
  name: string;
  /** The script itself, or Upstart's job. */
  path: string;
  links: readonly ServiceLink[];
}

interface ServiceLink {
  folder: string;
  /** e.g. "S20open-vm-tools"; with OpenRC the service's name. */
  name: string;
  /** As written. */
  to: string;
}

const SCRIPT_FOLDERS = ['/etc/init.d', '/etc/rc.d/init.d'];
// SUSE keeps them below init.d; Red Hat below rc.d, with links to it.
const RC_PARENTS = ['/etc/rc.d', '/etc/init.d', '/etc'];
const LEVELS = ['2', '3', '4', '5'];
const UPSTART_JOBS = '/etc/init';
const OPENRC_LEVELS = '/etc/runlevels';
/** What a job of Upstart is renamed to: only names that end in ".conf" are read, in every release of it. */
const ASIDE = '.ascend-disabled';

export async function readScripts(
  files: GuestFiles,
  init: Init,
  names: readonly string[],
): Promise<ScriptService[]> {
  if (init === 'unknown') return [];
  const found = new Map<string, ScriptService>();
  if (init === 'upstart') {
    const jobs = new Set(await files.list(UPSTART_JOBS));
    for (const name of names)
      if (jobs.has(`${name}.conf`))
        found.set(name, { name, path: `${UPSTART_JOBS}/${name}.conf`, links: [] });
  }
  const links = init === 'openrc' ? await openrcLinks(files) : await rcLinks(files);
  for (const folder of SCRIPT_FOLDERS) {
    const scripts = new Set(await files.list(folder));
    for (const name of names) {
      if (!scripts.has(name) || found.has(name)) continue;
      const own = links.filter((link) => link.name.replace(RC_LINK, '') === name);
      found.set(name, { name, path: `${folder}/${name}`, links: own });
    }
  }
  return [...found.values()];
}

const RC_LINK = /^[SK]\d\d(?=.)/;

/** Each folder once: /etc/rc3.d is a link to /etc/rc.d/rc3.d with Red Hat. */
async function rcLinks(files: GuestFiles): Promise<ServiceLink[]> {
  const links: ServiceLink[] = [];
  for (const level of LEVELS) {
    for (const parent of RC_PARENTS) {
      const folder = `${parent}/rc${level}.d`;
      const found = await linksIn(files, folder);
      links.push(...found);
      if (found.length > 0) break;
    }
  }
  return links;
}

async function openrcLinks(files: GuestFiles): Promise<ServiceLink[]> {
  const links: ServiceLink[] = [];
  for (const level of await files.list(OPENRC_LEVELS))
    links.push(...(await linksIn(files, `${OPENRC_LEVELS}/${level}`)));
  return links;
}

async function linksIn(files: GuestFiles, folder: string): Promise<ServiceLink[]> {
  const links: ServiceLink[] = [];
  for (const name of await files.list(folder)) {
    const to = await files.readLink(`${folder}/${name}`);
    if (to !== undefined) links.push({ folder, name, to });
  }
  return links;
}

/** None where it is not started anyway. */
export function disableScript({ path, links }: ScriptService, init: Init): Change[] {
  if (path.startsWith(`${UPSTART_JOBS}/`))
    return [
      { kind: 'copy', from: path, path: `${path}${ASIDE}` },
      { kind: 'remove', path },
    ];
  if (init === 'openrc')
    return links.map(({ folder, name }) => ({ kind: 'remove', path: `${folder}/${name}` }));
  return links.filter(({ name }) => name.startsWith('S')).flatMap((link) => turned(link, 'K'));
}

/** None where something starts it already, or nothing says in which order it was started. */
export function enableScript({ name, path, links }: ScriptService, init: Init): Change[] {
  if (path.startsWith(`${UPSTART_JOBS}/`)) return [];
  if (init === 'openrc')
    return links.length > 0 ? [] : [{ kind: 'symlink', path: `${OPENRC_LEVELS}/default/${name}`, to: path }];
  return links.some((link) => link.name.startsWith('S')) ? [] : links.flatMap((link) => turned(link, 'S'));
}

/** "S20name" <-> "K80name", as update-rc.d(8) does it, so that the one is made of the other again. */
function turned({ folder, name, to }: ServiceLink, kind: 'S' | 'K'): Change[] {
  const order = String(100 - Number(name.slice(1, 3)))
    .padStart(2, '0')
    .slice(-2);
  return [
    { kind: 'remove', path: `${folder}/${name}` },
    { kind: 'symlink', path: `${folder}/${kind}${order}${name.slice(3)}`, to },
  ];
}
