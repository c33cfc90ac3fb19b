/** Removes everything that the demonstration made. `--all` forgets the cached sample as well. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { removeAll } from './libvirt.ts';
import { folder } from './place.ts';
import { stopProcess } from './processes.ts';

export async function clean(): Promise<void> {
  await stopProcess('agent');
  await stopProcess('controller');
  await removeAll();
  await rm(folder, { recursive: true, force: true });
}

if (import.meta.main) {
  await clean();
  await rm(path.join(folder, '..', 'guests'), { recursive: true, force: true });
  console.log(
    'Removed the machine, its disks, the pool, the network, the controller, the agent and the sample.',
  );
}
