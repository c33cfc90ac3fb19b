/** MAC addresses, as all sources have them. */
import { warn } from '../../proto/finding.ts';
import type { Finding } from '../../proto/gen/ascend/v1/finding.ts';

// It goes into files of the guest and of the target: nothing but a MAC may.
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
// Bit 0 of the first byte: no NIC has the address of a group as its own (IEEE 802, 8.2.2).
const GROUP = /^.[13579bdf]/;

/**
 * Lower case with colons, from colons, dashes, dots (Cisco's 0050.56ab.cdef) or plain digits. Undefined for anything else,
 * for the address of a group, and for all zeros, which platforms write where they have given none yet.
 */
export function macOf(text: string | undefined): string | undefined {
  // The longest form is six pairs with something between them.
  if (text === undefined || text.length > 24) return undefined;
  const digits = text.trim().replaceAll(/[-:.]/g, '').toLowerCase();
  const mac = digits.replaceAll(/..(?=.)/g, '$&:');
  return MAC.test(mac) && !GROUP.test(mac) && !/^[0:]+$/.test(mac) ? mac : undefined;
}

/** What to say where `macOf` takes nothing of what the file has; nothing where that is empty or all zeros. */
export function macFindings(nic: string, text: string | undefined, file: string): Finding[] {
  if (text === undefined || /^[-0:.\s]{0,24}$/.test(text) || macOf(text) !== undefined) return [];
  const message = `${file} gives ${nic} the MAC address ${JSON.stringify(text.slice(0, 60))}, which no NIC can have.`;
  const remedy = 'The target makes one; check addresses and licences that are bound to it.';
  return [warn('nic.mac-invalid', nic, message, remedy)];
}
