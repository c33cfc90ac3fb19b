/** The boot order as Get-VMFirmware (generation 2) and Get-VMBios (generation 1) give it. */
import type { JsonNode } from '../../../documents/json.ts';
import { numberOf } from '../../quantities.ts';
import { guidOfBytes } from '../identifiers.ts';
import type { BootEntry } from '../virtual-machine.ts';
import { addressOf } from './drive.ts';
import { BOOT_DEVICES, BOOT_TYPES, enumName } from './enums.ts';
import { flatten } from './records.ts';

export function firmwareBootOrder(record: JsonNode): BootEntry[] {
  return flatten(record.get('BootOrder')).map((entry): BootEntry => {
    const type = enumName(entry.get('BootType'), BOOT_TYPES);
    if (type === 'network') return { kind: 'network' };
    const address = addressOf(entry.get('Device'));
    if (address) return { ...address, channel: undefined };
    return scsiEntry(entry.get('FirmwarePath').text()) ?? { kind: 'other' };
  });
}

/** `\AcpiEx(VMBus,0,0)\VenHw(<vendor>,<type and channel, 64 hex digits>)\Scsi(<target>,<unit>)` */
function scsiEntry(path: string | undefined): BootEntry | undefined {
  const scsi = /\\Scsi\((\d{1,5}),(\d{1,5})\)$/i.exec(path?.slice(0, 2000) ?? '');
  const unit = numberOf(scsi?.[2] === undefined ? undefined : BigInt(scsi[2]));
  if (unit === undefined) return undefined;
  const channel = /VenHw\([0-9a-f-]{36},[0-9a-f]{32}([0-9a-f]{32})\)/i.exec(path?.slice(0, 2000) ?? '')?.[1];
  return {
    kind: 'scsi',
    bus: undefined,
    channel: channel === undefined ? undefined : guidOfBytes(Buffer.from(channel, 'hex')),
    unit,
  };
}

/** Kinds of device, not devices. */
export function biosBootOrder(record: JsonNode): BootEntry[] {
  return flatten(record.get('StartupOrder')).map((device): BootEntry => {
    const name = enumName(device, BOOT_DEVICES);
    if (name === 'ide') return { kind: 'hard-disks' };
    return { kind: name === 'legacynetworkadapter' ? 'network' : 'other' };
  });
}
