/**
 * Enumerations of the Hyper-V module: as numbers (ConvertTo-Json), as names (-EnumsAsStrings) or as both (objects that
 * came over remoting: `{"value": 2, "Value": "Running"}`). The numbers are those of the module's assembly; the README
 * says which of them real files prove.
 */
import type { JsonNode } from '../../../documents/json.ts';

export const STATES = { 2: 'running', 3: 'off', 6: 'saved', 9: 'paused', 32779: 'fastsaved' } as const;
export const CONTROLLER_TYPES = { 0: 'ide', 1: 'scsi', 2: 'pmem' } as const;
export const ON_OFF = { 0: 'on', 1: 'off' } as const;
export const BOOT_TYPES = { 1: 'drive', 2: 'network', 3: 'file' } as const;
export const BOOT_DEVICES = { 0: 'floppy', 1: 'cd', 2: 'ide', 3: 'legacynetworkadapter' } as const;
export const VHD_TYPES = { 2: 'fixed', 3: 'dynamic', 4: 'differencing' } as const;

/** The name in lower case; undefined for a number that has none. */
export function enumName(node: JsonNode, names: Readonly<Record<number, string>>): string | undefined {
  const plain = node.first('Value', 'value');
  const said = plain.exists ? plain : node;
  const number = said.whole();
  if (number === undefined) return said.text()?.toLowerCase();
  return number <= 0xffffffffn ? names[Number(number)] : undefined;
}
