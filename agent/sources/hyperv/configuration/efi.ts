/**
 * The boot order of a generation 2 VM: UEFI variables in the configuration (2012 R2; later versions keep them in another
 * file). Source: UEFI specification 2.10, sections 3.1.1 (load option), 3.3 (BootOrder) and 10.3 (device path).
 */
import { guidOfBytes } from '../identifiers.ts';
import type { BootEntry } from '../virtual-machine.ts';
import type { Key } from './key.ts';

/** EFI_GLOBAL_VARIABLE, with which Hyper-V begins the names of its keys. */
const GLOBAL = '_8BE4DF61-93CA-11D2-AA0D-00E098032B8C';

// Device path nodes: type and subtype in one number.
const HARDWARE_VENDOR = 0x0104;
const MESSAGING_SCSI = 0x0302;
const MESSAGING_MAC = 0x030b;

/** Undefined where no order is stored. */
export function efiBootOrder(nvram: Key): { entries: BootEntry[]; key: string } | undefined {
  const order = nvram.get(`${GLOBAL}BootOrder`, 'data');
  if (!order?.bytes) return undefined;
  const entries: BootEntry[] = [];
  for (let at = 0; at + 2 <= order.bytes.length; at += 2) {
    const number = order.bytes.readUInt16LE(at).toString(16).toUpperCase().padStart(4, '0');
    const option = nvram.get(`${GLOBAL}Boot${number}`, 'data')?.bytes;
    if (option) entries.push(entryOf(option));
  }
  return { entries, key: order.where };
}

/** A load option: attributes (32 bits), length of the path (16), description ending in 0 (UTF-16), path. */
function entryOf(option: Buffer): BootEntry {
  let at = 6;
  while (at + 2 <= option.length && option.readUInt16LE(at) !== 0) at += 2;
  let channel: string | undefined;
  for (at += 2; at + 4 <= option.length;) {
    const type = option.readUInt16BE(at);
    const length = option.readUInt16LE(at + 2);
    if (length < 4 || at + length > option.length) break;
    const node = option.subarray(at, at + length);
    // VMBus: GUIDs of the vendor, of the device's type, of its channel.
    if (type === HARDWARE_VENDOR && length >= 52) channel = guidOfBytes(node.subarray(36, 52));
    if (type === MESSAGING_MAC) return { kind: 'network' };
    if (type === MESSAGING_SCSI && length >= 8) {
      return { kind: 'scsi', bus: undefined, channel, unit: node.readUInt16LE(6) };
    }
    at += length;
  }
  return { kind: 'other' };
}
