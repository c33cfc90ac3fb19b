/** NICs that carry several VLANs, where a machine's description has room for one. */
import { warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';

/** `what`: a sentence without its full stop. */
export function vlanTrunk(nic: string, what: string): Finding {
  const remedy = 'Make it a trunk again on the target, or map it to a network that carries them all.';
  return warn('nic.vlan-trunk', nic, `${what}; it is restored with one network.`, remedy);
}
