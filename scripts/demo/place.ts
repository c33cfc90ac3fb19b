/** Where the demonstration keeps what it makes, and what it calls it. All of it is removed by `make demo-clean`. */
import { homedir } from 'node:os';
import path from 'node:path';

const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache');

export const folder = path.join(cache, 'ascend', 'demo');
export const pidFile = (name: string) => path.join(folder, `${name}.pid`);
export const logFile = (name: string) => path.join(folder, `${name}.log`);

export const uri = 'qemu:///system';
/** libvirt's own user must be able to reach the disks, which a home folder does not allow. */
export const pool = { name: 'ascend-demo', path: '/var/lib/libvirt/images/ascend-demo' };
export const network = {
  name: 'ascend-demo',
  bridge: 'ascend0',
  address: '10.77.0.1',
  netmask: '255.255.255.0',
};
export const site = 'Demo';
