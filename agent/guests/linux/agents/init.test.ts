import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FolderGuest } from '../fixtures/folder-guest.ts';
import { readScripts } from './init-scripts.ts';
import { readInit } from './init.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'ascend-init-'));
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

/** Path -> "" for a file, else where a link points. */
async function guestOf(tree: Record<string, string>): Promise<FolderGuest> {
  for (const [at, to] of Object.entries(tree)) {
    const local = path.join(root, at);
    await mkdir(path.dirname(local), { recursive: true });
    await (to === '' ? writeFile(local, 'text') : symlink(to, local));
  }
  return new FolderGuest(root);
}

it.each<[string, string, Record<string, string>]>([
  ['Debian 12', 'systemd', { 'sbin/init': '/lib/systemd/systemd', 'lib/systemd/systemd': '' }],
  ['RHEL 9', 'systemd', { sbin: 'usr/sbin', 'usr/sbin/init': '../lib/systemd/systemd' }],
  ['Devuan with systemd’s parts', 'sysv', { 'sbin/init': '', 'etc/inittab': '', 'lib/systemd/systemd': '' }],
  ['RHEL 6', 'upstart', { 'sbin/init': '', 'sbin/initctl': '', 'etc/inittab': '' }],
  ['Ubuntu 14.04', 'upstart', { 'sbin/init': '', 'etc/init/rc-sysinit.conf': '', 'lib/systemd/systemd': '' }],
  ['SLES 11', 'sysv', { 'sbin/init': '', 'etc/inittab': '' }],
  ['Alpine', 'openrc', { 'sbin/init': '/bin/busybox', 'sbin/openrc': '', 'etc/inittab': '' }],
  ['Gentoo', 'openrc', { 'sbin/init': 'openrc-init', 'sbin/openrc': '' }],
  ['nothing of these', 'unknown', { 'sbin/init': '' }],
])('knows what starts the services of %s', async (_name, init, tree) => {
  expect(await readInit(await guestOf(tree))).toBe(init);
});

it('finds a script with its links, once, though folders are links to each other', async () => {
  const guest = await guestOf({
    'etc/rc.d/init.d/vmware-tools': '',
    'etc/init.d': 'rc.d/init.d',
    'etc/rc.d/rc3.d/S03vmware-tools': '../init.d/vmware-tools',
    'etc/rc3.d': 'rc.d/rc3.d',
    'etc/rc.d/rc3.d/S55sshd': '../init.d/sshd',
  });
  expect(await readScripts(guest, 'sysv', ['vmware-tools', 'qemu-ga'])).toEqual([
    {
      name: 'vmware-tools',
      path: '/etc/init.d/vmware-tools',
      links: [{ folder: '/etc/rc.d/rc3.d', name: 'S03vmware-tools', to: '../init.d/vmware-tools' }],
    },
  ]);
});

it('takes a job of Upstart before the script of the same name', async () => {
  const guest = await guestOf({ 'etc/init/vmware-tools.conf': '', 'etc/init.d/vmware-tools': '' });
  expect(await readScripts(guest, 'upstart', ['vmware-tools'])).toMatchObject([
    { path: '/etc/init/vmware-tools.conf' },
  ]);
});
