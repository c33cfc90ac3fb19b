/** What Forklift collects of many VMs at once: an object by the name of the VM, with disks, security and guest. */
import type { JsonNode } from '../../documents/json.ts';
import { addressesOf } from './addresses.ts';
import { addAdapter, addDrive } from './devices.ts';
import { macOf } from '../mac.ts';
import type { Fact } from '../origins.ts';
import { factOf, type VirtualMachine } from './virtual-machine.ts';

/** None where this is not such a document: every member must be one. */
export function batchRecords(root: JsonNode): [name: string, record: JsonNode][] {
  const members = root.members();
  return members.length > 0 && members.every(([, record]) => isRecord(record)) ? members : [];
}

function isRecord(record: JsonNode): boolean {
  const isDiskList = record
    .get('Disks')
    .items()
    .every((disk) => disk.has('Path'));
  return record.has('Disks') && isDiskList && (record.has('Security') || record.has('HasCheckpoint'));
}

export function vmOfBatch(name: string, record: JsonNode, file: string): VirtualMachine {
  const flag = (...names: string[]): Fact<boolean> | undefined =>
    factOf(record.get(...names).flag(), record.get(...names), file);
  const vm: VirtualMachine = {
    from: file,
    name: factOf(name === '' ? undefined : name, record, file),
    secureBoot: flag('Security', 'SecureBoot'),
    tpm: flag('Security', 'TpmEnabled'),
    hasCheckpoints: flag('HasCheckpoint'),
    guestName: factOf(record.get('GuestOS').text(), record.get('GuestOS'), file),
    drives: [],
    adapters: [],
    findings: [],
  };
  for (const disk of record.get('Disks').items()) {
    addDrive(vm, {
      path: factOf(disk.get('Path').text(), disk.get('Path'), file),
      sizeBytes: factOf(disk.get('Capacity').whole(), disk.get('Capacity'), file),
    });
  }
  for (const network of record.get('GuestNetworks').items()) {
    const texts = (list: string) =>
      network
        .get(list)
        .items()
        .map((item) => item.text());
    addAdapter(vm, {
      mac: factOf(macOf(network.get('MAC').text()), network.get('MAC'), file),
      addresses: factOf(addressesOf(texts('IPs'), texts('Subnets')), network.get('IPs'), file),
    });
  }
  return vm;
}
