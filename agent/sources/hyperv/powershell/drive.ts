/** Objects of Get-VMHardDiskDrive and Get-VHD. */
import type { JsonNode } from '../../../documents/json.ts';
import { numberOf } from '../../quantities.ts';
import { fact } from '../../origins.ts';
import { factOf, type Address, type Drive } from '../virtual-machine.ts';
import { CONTROLLER_TYPES, enumName, VHD_TYPES } from './enums.ts';

const NO_DISK_NUMBER = 0xffffffffn;

export function driveOf(record: JsonNode, file: string): Drive {
  const path = record.get('Path');
  const number = record.get('DiskNumber');
  const drive: Drive = { address: factOf(addressOf(record), record, file) };
  if (isHostDisk(path.text(), number.whole())) {
    const named = path.text() ?? `disk ${number.text() ?? ''}`;
    drive.physical = factOf(named, path.exists ? path : number, file);
  } else drive.path = factOf(path.text(), path, file);
  const shared = record.first('SupportPersistentReservations', 'ShareVirtualDisk');
  if (shared.flag() === true) drive.shared = factOf(true, shared, file);
  return drive;
}

/** A disk of the host is e.g. "Disk 2 10.00 GB Bus 0 Lun 1 Target 0", and has the host's number of it. */
function isHostDisk(path: string | undefined, number: bigint | undefined): boolean {
  if (/^(disk \d|\\\\[.?]\\physicaldrive)/i.test(path ?? '')) return true;
  return number !== undefined && number < NO_DISK_NUMBER && !/\.a?vhd[xs]?$/i.test(path ?? '');
}

export function addressOf(record: JsonNode): Address | undefined {
  const kind = enumName(record.get('ControllerType'), CONTROLLER_TYPES);
  const bus = numberOf(record.get('ControllerNumber').whole());
  const unit = numberOf(record.get('ControllerLocation').whole());
  if ((kind !== 'ide' && kind !== 'scsi') || bus === undefined || unit === undefined) return undefined;
  return { kind, bus, unit };
}

/** Size is what the guest sees, FileSize what the file takes. */
export function vhdOf(record: JsonNode, file: string): Drive {
  const differencing = enumName(record.get('VhdType'), VHD_TYPES) === 'differencing' || undefined;
  return {
    path: factOf(record.get('Path').text(), record.get('Path'), file),
    sizeBytes: factOf(record.get('Size').whole(), record.get('Size'), file),
    differencing: fact(differencing, file, record.get('VhdType').where),
  };
}
