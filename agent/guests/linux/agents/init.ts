/** What starts the guest's services, by the files that each leaves: the guest is not running, so nobody can be asked. */
import type { GuestFiles } from '../../files.ts';

/** unknown: none of these; its services are left alone. */
export type Init = 'systemd' | 'upstart' | 'openrc' | 'sysv' | 'unknown';

// What /sbin/init is a link to, where it is one.
const LINKS: readonly (readonly [RegExp, Init])[] = [
  [/systemd/, 'systemd'],
  [/openrc-init/, 'openrc'],
  [/upstart/, 'upstart'],
  [/sysvinit|\/init-sysv/, 'sysv'],
];

/**
 * Files that an init has beside its own program. Debian's systemd is installed without being init (package
 * systemd-sysv makes it that), so /sbin/init speaks first, and systemd comes last. OpenRC and Upstart bring a
 * /etc/inittab or the scripts of SysV along, so those say little.
 */
const MARKS: readonly (readonly [string, Init])[] = [
  ['/sbin/openrc', 'openrc'],
  ['/usr/sbin/openrc', 'openrc'],
  ['/etc/init/rc-sysinit.conf', 'upstart'],
  ['/etc/init/rcS.conf', 'upstart'],
  ['/sbin/initctl', 'upstart'],
  ['/etc/inittab', 'sysv'],
  ['/usr/lib/systemd/systemd', 'systemd'],
  ['/lib/systemd/systemd', 'systemd'],
];

export async function readInit(files: GuestFiles): Promise<Init> {
  for (const program of ['/sbin/init', '/usr/sbin/init']) {
    const link = await files.readLink(program);
    const linked = LINKS.find(([pattern]) => link !== undefined && pattern.test(link));
    if (linked) return linked[1];
  }
  for (const [path, init] of MARKS) if (await files.test('is-file', path)) return init;
  return 'unknown';
}
