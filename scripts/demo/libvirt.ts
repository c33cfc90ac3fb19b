/** The demonstration's own pool and network; the network is the one that the sample server has its address on. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { folder, network, pool, uri } from './place.ts';

const virsh = (...args: string[]) => execa('virsh', ['-q', '-c', uri, ...args]);
const quietly = (...args: string[]) =>
  virsh(...args).then(
    () => undefined,
    () => undefined,
  );

export async function preparePool(): Promise<void> {
  await mkdir(pool.path, { recursive: true });
  await virsh('pool-define-as', pool.name, 'dir', '--target', pool.path);
  await virsh('pool-start', pool.name);
}

/** Open: libvirt adds no firewall rules, and this host reaches the machine by its address. */
export async function prepareNetwork(): Promise<void> {
  const file = path.join(folder, 'network.xml');
  await writeFile(
    file,
    `<network><name>${network.name}</name><forward mode='open'/><bridge name='${network.bridge}' stp='off' delay='0'/>` +
      `<dns enable='no'/><ip address='${network.address}' netmask='${network.netmask}'/></network>`,
  );
  await virsh('net-define', file);
  await virsh('net-start', network.name);
}

/** Machines whose disks lie in the demonstration's pool; nobody else's. */
export async function removeAll(): Promise<void> {
  const { stdout } = await virsh('list', '--all', '--uuid').catch(() => ({ stdout: '' }));
  for (const uuid of stdout.split('\n').filter(Boolean)) {
    const { stdout: xml } = await virsh('dumpxml', uuid);
    if (!xml.includes(`${pool.path}/`)) continue;
    await quietly('destroy', uuid);
    await quietly('undefine', '--nvram', uuid);
  }
  await quietly('net-destroy', network.name);
  await quietly('net-undefine', network.name);
  await quietly('pool-destroy', pool.name);
  await quietly('pool-undefine', pool.name);
  await rm(pool.path, { recursive: true, force: true });
}
