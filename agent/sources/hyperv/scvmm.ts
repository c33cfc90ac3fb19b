/**
 * Get-SCVirtualMachine of System Center Virtual Machine Manager, as JSON. Memory is in MiB. Its enumerations are not those
 * of the Hyper-V module, and only numbers that real files prove are read: VHDType 3 is differencing, BusType 1 is IDE,
 * VirtualNetworkAdapterType 2 is synthetic, Architecture 1 is x86-64.
 */
import type { JsonNode } from '../../documents/json.ts';
import { architectureOf } from '../architecture.ts';
import { addressesOf } from './addresses.ts';
import { addAdapter, addDrive } from './devices.ts';
import { idOf } from './powershell/adapter.ts';
import { flatten } from './powershell/records.ts';
import { generationOf } from './powershell/vm.ts';
import { macOf } from '../mac.ts';
import { numberOf, vlanOf } from '../quantities.ts';
import { guidOf } from './identifiers.ts';
import type { Fact } from '../origins.ts';
import {
  factOf,
  type Adapter,
  type Address,
  type Drive,
  type State,
  type VirtualMachine,
} from './virtual-machine.ts';

const MIB = 1024n * 1024n;

/** The objects of one pipeline, or of an inventory that has them under `vms`; none where this is not SCVMM's. */
export function scvmmRecords(root: JsonNode): JsonNode[] {
  return [...flatten(root), ...flatten(root.get('vms'))].filter(
    (record) =>
      record.has('Name') &&
      record.has('VirtualHardDisks') &&
      (record.has('VMCPath') || (record.has('CPUCount') && record.has('Memory'))),
  );
}

export function vmOfScvmm(record: JsonNode, file: string): VirtualMachine {
  const memory = record.get('Memory');
  const os = record.get('OperatingSystem', 'Name');
  const vm: VirtualMachine = {
    from: file,
    id: idFact(record, file),
    name: factOf(record.get('Name').text(), record.get('Name'), file),
    notes: factOf(record.get('Description').text(), record.get('Description'), file),
    generation: factOf(generationOf(record.get('Generation').whole()), record.get('Generation'), file),
    cpuCount: factOf(record.get('CPUCount').whole(), record.get('CPUCount'), file),
    memoryBytes: factOf(mebibytes(memory.whole()), memory, file),
    dynamicMemory: factOf(
      record.get('DynamicMemoryEnabled').flag(),
      record.get('DynamicMemoryEnabled'),
      file,
    ),
    secureBoot: factOf(record.get('SecureBootEnabled').flag(), record.get('SecureBootEnabled'), file),
    guestName: factOf(osName(os.text()), os, file),
    arch: archOf(record.get('OperatingSystem', 'Architecture'), file),
    state: stateFact(record.first('VirtualMachineStateString', 'StatusString', 'Status'), file),
    hasCheckpoints: factOf(
      flatten(record.get('VMCheckpoints')).length > 0 || undefined,
      record.get('VMCheckpoints'),
      file,
    ),
    drives: [],
    adapters: [],
    findings: [],
  };
  const addresses = addressesByDisk(record, file);
  for (const disk of flatten(record.get('VirtualHardDisks'))) {
    if (disk.has('Location')) addDrive(vm, driveOf(disk, addresses, file));
  }
  for (const adapter of flatten(record.get('VirtualNetworkAdapters'))) {
    if (adapter.has('MACAddress')) addAdapter(vm, adapterOf(adapter, file));
  }
  return vm;
}

/** Hyper-V's own id, after which its configuration file is named; SCVMM's `ID` is another one. */
function idFact(record: JsonNode, file: string): Fact<string> | undefined {
  const path = record.get('VMCPath');
  const named = /([0-9a-f-]{36})\.(?:xml|vmcx)$/i.exec(path.text()?.slice(-64) ?? '')?.[1];
  return (
    factOf(guidOf(record.get('VMId').text()), record.get('VMId'), file) ??
    factOf(guidOf(named), path, file) ??
    factOf(guidOf(record.get('ID').text()), record.get('ID'), file)
  );
}

function driveOf(disk: JsonNode, addresses: ReadonlyMap<string, Fact<Address>>, file: string): Drive {
  const parent = disk.get('ParentDisk');
  const type = disk.get('VHDType');
  const differencing = parent.exists || type.whole() === 3n || /^differencing$/i.test(type.text() ?? '');
  return {
    address: addresses.get(disk.get('Name').text() ?? ''),
    path: factOf(disk.get('Location').text(), disk.get('Location'), file),
    sizeBytes: factOf(disk.get('MaximumSize').whole(), disk.get('MaximumSize'), file),
    differencing: factOf(differencing || undefined, parent.exists ? parent : type, file),
  };
}

/** `VirtualDiskDrives`, which not every export has, says where the disk of that name is attached. */
function addressesByDisk(record: JsonNode, file: string): Map<string, Fact<Address>> {
  const addresses = new Map<string, Fact<Address>>();
  for (const drive of flatten(record.get('VirtualDiskDrives'))) {
    const disk = drive.get('VirtualHardDisk');
    const name = disk.get('Name').text() ?? disk.text();
    const kind = busKind(drive.get('BusType'));
    const bus = numberOf(drive.get('Bus').whole());
    const unit = numberOf(drive.first('LUN', 'Lun').whole());
    if (name === undefined || kind === undefined || bus === undefined || unit === undefined) continue;
    addresses.set(name, { value: { kind, bus, unit }, file, key: drive.where });
  }
  return addresses;
}

function busKind(type: JsonNode): Address['kind'] | undefined {
  if (type.whole() === 1n || /^ide$/i.test(type.text() ?? '')) return 'ide';
  return /^scsi$/i.test(type.text() ?? '') ? 'scsi' : undefined;
}

function adapterOf(adapter: JsonNode, file: string): Adapter {
  const mac = adapter.get('MACAddress');
  const network = adapter.first('VirtualNetwork', 'VMNetwork', 'LogicalNetwork');
  const vlan = adapter.get('VLanID');
  const tagged = adapter.get('VLanEnabled').flag() === true;
  const ips = [...flatten(adapter.get('IPv4Addresses')), ...flatten(adapter.get('IPv6Addresses'))];
  return {
    id: idOf(adapter.get('DeviceID').text()),
    name: adapter.get('Name').text(),
    mac: factOf(macOf(mac.text()), mac, file),
    legacy: legacyFact(adapter.get('VirtualNetworkAdapterType'), file),
    network: factOf(network.text(), network, file),
    vlan: factOf(tagged ? vlanOf(vlan.whole()) : undefined, vlan, file),
    addresses: factOf(addressesOf(ips.map((node) => node.text())), adapter.get('IPv4Addresses'), file),
  };
}

function legacyFact(type: JsonNode, file: string): Fact<boolean> | undefined {
  if (type.whole() === 2n || /^synthetic$/i.test(type.text() ?? '')) return factOf(false, type, file);
  return /^(emulated|legacy)$/i.test(type.text() ?? '') ? factOf(true, type, file) : undefined;
}

function mebibytes(value: bigint | undefined): bigint | undefined {
  return value === undefined ? undefined : value * MIB;
}

function osName(name: string | undefined): string | undefined {
  return /^(unknown|none|other)?$/i.test(name ?? '') ? undefined : name;
}

function archOf(node: JsonNode, file: string): Fact<string> | undefined {
  const name = node.whole() === undefined ? architectureOf(node.text()) : undefined;
  return factOf(node.whole() === 1n ? 'x86_64' : name, node, file);
}

function stateFact(node: JsonNode, file: string): Fact<State> | undefined {
  const text = node.text()?.toLowerCase();
  const state: State | undefined =
    text === 'running' || text === 'saved' || text === 'paused' ? text : undefined;
  return factOf(state, node, file);
}
