/** The JSON shape of a machine and of a finding, as `ascend-agent analyse --json` and the REST API show them. */
import { Severity, type Finding } from './gen/ascend/v1/finding.ts';
import { Firmware, GuestFamily, type Machine } from './gen/ascend/v1/machine.ts';

export interface MachineJson {
  name: string;
  platform: string;
  sourceId: string | null;
  guest: {
    family: 'linux' | 'windows' | 'other' | null;
    id: string | null;
    name: string | null;
    arch: string | null;
  };
  cpu: { count: number | null; sockets: number | null; coresPerSocket: number | null };
  memoryBytes: number | null;
  firmware: 'bios' | 'uefi' | null;
  secureBoot: boolean | null;
  tpm: boolean | null;
  disks: {
    id: string;
    label: string | null;
    sizeBytes: number | null;
    controller: { kind: string; model: string | null; bus: number | null; unit: number | null } | null;
    file: string | null;
    format: string | null;
    boot: boolean;
  }[];
  nics: {
    id: string;
    mac: string | null;
    model: string | null;
    network: string | null;
    vlan: number | null;
    connected: boolean | null;
    addresses: string[];
  }[];
  notes: string | null;
  tags: Record<string, string>;
}

export interface FindingJson {
  code: string;
  severity: 'info' | 'warn' | 'block';
  subject: string;
  message: string;
  remedy: string;
}

/** Sizes become numbers of bytes: exact up to 2^53, which is 8 PiB. Absent facts become null. */
export function machineJson(machine: Machine): MachineJson {
  return {
    name: machine.name,
    platform: machine.platform,
    sourceId: machine.sourceId ?? null,
    guest: {
      family: familyJson(machine.guest?.family),
      id: machine.guest?.id ?? null,
      name: machine.guest?.name ?? null,
      arch: machine.guest?.arch ?? null,
    },
    cpu: {
      count: machine.cpu?.count ?? null,
      sockets: machine.cpu?.sockets ?? null,
      coresPerSocket: machine.cpu?.coresPerSocket ?? null,
    },
    memoryBytes: bytesJson(machine.memoryBytes),
    firmware: firmwareJson(machine.firmware),
    secureBoot: machine.secureBoot ?? null,
    tpm: machine.tpm ?? null,
    disks: machine.disks.map((disk) => ({
      id: disk.id,
      label: disk.label ?? null,
      sizeBytes: bytesJson(disk.sizeBytes),
      controller: disk.controller
        ? {
            kind: disk.controller.kind,
            model: disk.controller.model ?? null,
            bus: disk.controller.bus ?? null,
            unit: disk.controller.unit ?? null,
          }
        : null,
      file: disk.file ?? null,
      format: disk.format ?? null,
      boot: disk.boot,
    })),
    nics: machine.nics.map((nic) => ({
      id: nic.id,
      mac: nic.mac ?? null,
      model: nic.model ?? null,
      network: nic.network ?? null,
      vlan: nic.vlan ?? null,
      connected: nic.connected ?? null,
      addresses: nic.addresses,
    })),
    notes: machine.notes ?? null,
    tags: machine.tags,
  };
}

export function findingJson(finding: Finding): FindingJson {
  const severity =
    finding.severity === Severity.BLOCK ? 'block' : finding.severity === Severity.WARN ? 'warn' : 'info';
  return {
    code: finding.code,
    severity,
    subject: finding.subject,
    message: finding.message,
    remedy: finding.remedy,
  };
}

function bytesJson(bytes: bigint | undefined): number | null {
  return bytes === undefined ? null : Number(bytes);
}

function familyJson(family: GuestFamily | undefined): MachineJson['guest']['family'] {
  if (family === GuestFamily.LINUX) return 'linux';
  if (family === GuestFamily.WINDOWS) return 'windows';
  return family === GuestFamily.OTHER ? 'other' : null;
}

function firmwareJson(firmware: Firmware): MachineJson['firmware'] {
  if (firmware === Firmware.BIOS) return 'bios';
  return firmware === Firmware.UEFI ? 'uefi' : null;
}
