/** A machine for people. */
import type { MachineJson } from '../../proto/machine-json.ts';
import { bytesText } from './shell.ts';

export function machineText(machine: MachineJson): string {
  const { guest, cpu } = machine;
  const lines: [string, string][] = [
    ['Machine', `${machine.name} (from ${machine.platform})`],
    ['Guest', [guest.name ?? guest.id ?? guest.family ?? 'unknown', guest.arch].filter(Boolean).join(', ')],
    [
      'Processors',
      cpu.count === null ? 'unknown' : `${cpu.count} (${cpu.sockets ?? '?'} x ${cpu.coresPerSocket ?? '?'})`,
    ],
    ['Memory', bytesText(machine.memoryBytes)],
    [
      'Firmware',
      `${machine.firmware ?? 'unknown'}${machine.secureBoot ? ', Secure Boot' : ''}${machine.tpm ? ', TPM' : ''}`,
    ],
    ...machine.disks.map((disk): [string, string] => [
      `Disk ${disk.id}`,
      `${bytesText(disk.sizeBytes)}, ${disk.controller?.model ?? disk.controller?.kind ?? 'unknown controller'}${disk.boot ? ', boot disk' : ''}${disk.file ? '' : ', not in the backup'}`,
    ]),
    ...machine.nics.map((nic): [string, string] => [
      `NIC ${nic.id}`,
      `${nic.mac ?? 'no MAC'}, ${nic.model ?? 'unknown model'}, network ${nic.network ?? 'unknown'}`,
    ]),
  ];
  const width = Math.max(...lines.map(([label]) => label.length));
  return lines.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join('\n');
}
