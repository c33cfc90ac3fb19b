/** The objects that a PowerShell pipeline wrote with ConvertTo-Json, and which cmdlet each of them is from. */
import type { JsonNode } from '../../../documents/json.ts';

/** By cmdlet; each with members that its objects have and others' have not. */
const KINDS = {
  vm: {
    what: 'Hyper-V virtual machines (Get-VM)',
    has: (record: JsonNode) =>
      isOfVm(record) &&
      !record.has('SnapshotType') &&
      ['ProcessorCount', 'MemoryStartup', 'MemoryAssigned', 'HardDrives', 'Generation'].filter((name) =>
        record.has(name),
      ).length >= 2,
  },
  checkpoint: {
    what: 'checkpoints of Hyper-V machines (Get-VMSnapshot)',
    has: (record: JsonNode) => isOfVm(record) && record.has('SnapshotType'),
  },
  drive: {
    what: 'hard disk drives of Hyper-V machines (Get-VMHardDiskDrive)',
    has: (record: JsonNode) => isDrive(record) && !isDvd(record),
  },
  dvd: {
    what: 'DVD drives of Hyper-V machines (Get-VMDvdDrive)',
    has: (record: JsonNode) => isDrive(record) && isDvd(record),
  },
  adapter: {
    what: 'network adapters of Hyper-V machines (Get-VMNetworkAdapter)',
    has: (record: JsonNode) =>
      record.has('MacAddress') &&
      record.has('SwitchName') &&
      (isOfVm(record) || record.has('IsManagementOs')),
  },
  vlan: {
    what: 'VLANs of Hyper-V network adapters (Get-VMNetworkAdapterVlan)',
    has: (record: JsonNode) => record.has('AccessVlanId') && record.has('OperationMode'),
  },
  vhd: {
    what: 'virtual hard disks (Get-VHD)',
    has: (record: JsonNode) => record.has('VhdType') && record.has('VhdFormat') && record.has('Path'),
  },
  firmware: {
    what: 'firmware settings of Hyper-V machines (Get-VMFirmware)',
    has: (record: JsonNode) => isOfVm(record) && record.has('SecureBoot') && record.has('BootOrder'),
  },
  bios: {
    what: 'BIOS settings of Hyper-V machines (Get-VMBios)',
    has: (record: JsonNode) => isOfVm(record) && record.has('StartupOrder'),
  },
  security: {
    what: 'security settings of Hyper-V machines (Get-VMSecurity)',
    has: (record: JsonNode) => isOfVm(record) && record.has('TpmEnabled'),
  },
} as const;

export type RecordKind = keyof typeof KINDS;

export interface PowerShellRecord {
  kind: RecordKind;
  node: JsonNode;
}

export function whatOf(kind: RecordKind): string {
  return KINDS[kind].what;
}

/** None where the document is not from these cmdlets. Lists in lists are one list; a script's object of lists, too. */
export function powerShellRecords(root: JsonNode): PowerShellRecord[] {
  const direct = recordsIn(root);
  if (direct.length > 0) return direct;
  return root.members().flatMap(([, member]) => recordsIn(member));
}

function recordsIn(root: JsonNode): PowerShellRecord[] {
  const records: PowerShellRecord[] = [];
  for (const node of flatten(root)) {
    const kind = kindOf(node);
    if (kind) records.push({ kind, node });
  }
  return records;
}

function kindOf(record: JsonNode): RecordKind | undefined {
  const kinds = Object.keys(KINDS) as RecordKind[];
  return kinds.find((kind) => KINDS[kind].has(record));
}

/** Windows PowerShell 5.1 wraps some lists as `{"value": [...], "Count": 2}`. Depth is bounded by the parser. */
export function flatten(node: JsonNode): JsonNode[] {
  if (Array.isArray(node.value)) return node.items().flatMap(flatten);
  if (node.has('Count') && Array.isArray(node.get('value').value)) return flatten(node.get('value'));
  return node.exists ? [node] : [];
}

function isOfVm(record: JsonNode): boolean {
  return ['VMName', 'VMId', 'Name'].some((name) => record.has(name));
}

function isDrive(record: JsonNode): boolean {
  return ['ControllerType', 'ControllerNumber', 'ControllerLocation', 'Path'].every((name) =>
    record.has(name),
  );
}

function isDvd(record: JsonNode): boolean {
  return record.has('DvdMediaType') || /^dvd/i.test(record.get('Name').text() ?? '');
}
