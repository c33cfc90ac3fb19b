import type { Placement } from '../target.ts';
import type { KvmOptions } from './options.ts';

/**
 * The libvirt network of each NIC, in the machine's order: the one its own network is mapped to, else the target's
 * default, else undefined. A network is never chosen by chance: a machine on the wrong one can do harm.
 */
export function targetNetworks(placement: Placement, options: KvmOptions): (string | undefined)[] {
  return placement.machine.nics.map((nic) => placement.networks[nic.network ?? ''] ?? options.network);
}
