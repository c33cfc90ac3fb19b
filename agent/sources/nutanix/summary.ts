/**
 * A VM as lists of protected and unprotected VMs give it: how large it is and what its disks are called, nothing about its
 * firmware and controllers. Source: Prism Element v2.0, GET /protection_domains/unprotected_vms.
 */
import { info, warn } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import { JsonNode } from '../../documents/json.ts';
import type { Description, DiskDescription, NicDescription } from './description.ts';

const NOWHERE = new JsonNode(undefined);

export function describeSummary(vm: JsonNode, file: string): Description {
  const nics = nicsOf(vm);
  return {
    file,
    id: vm.get('uuid'),
    name: vm.get('vm_name'),
    notes: NOWHERE,
    cpu: { count: vm.get('num_vcpus') },
    memory: { node: vm.get('memory_capacity_in_bytes'), unit: 1n },
    firmware: undefined,
    secureBoot: undefined,
    tpm: NOWHERE,
    guest: { id: NOWHERE, os: vm.get('guest_operating_system') },
    disks: disksOf(vm),
    boot: { bus: NOWHERE, index: NOWHERE, mac: NOWHERE, order: NOWHERE },
    nics,
    tags: [],
    categoryIds: [],
    volumeGroups: [],
    gpus: [],
    serialPorts: [],
    findings: [...whatItIs(vm, file), ...addressesOfNone(vm, nics, file)],
  };
}

/** Whether this VM runs on AHV; lists of a cluster of another hypervisor name that one. */
function whatItIs(vm: JsonNode, file: string): Finding[] {
  const summary = warn(
    'machine.summary-only',
    file,
    `${file} is a summary: it says nothing about firmware, controllers and networks.`,
    'Export the VM itself: GET .../vms/{uuid}?include_vm_disk_config=true&include_vm_nic_config=true.',
  );
  const hypervisor = vm.get('hypervisor_type').text();
  if (hypervisor === undefined || /^k?(ahv|kvm|acropolis)$/i.test(hypervisor)) return [summary];
  const name = hypervisor.replace(/^k/, '').slice(0, 40);
  const other = warn(
    'machine.other-hypervisor',
    file,
    `This VM ran on ${name}, not on AHV, although on a Nutanix cluster.`,
    `Use the metadata that ${name} itself gives of it (for VMware its VMX file): it knows the hardware.`,
  );
  return [summary, other];
}

/** In `nutanix_virtual_disks` ISO images lie among the disks. */
function disksOf(vm: JsonNode): DiskDescription[] {
  const paths = vm
    .get('nutanix_virtual_disks')
    .items()
    .filter((path) => path.text()?.toLowerCase().endsWith('.iso') === false);
  // The capacity is that of all disks together.
  const sizes = paths.length === 1 ? [{ node: vm.get('disk_capacity_in_bytes'), unit: 1n }] : [];
  return paths.map((path) => ({ bus: NOWHERE, index: NOWHERE, label: NOWHERE, sizes, names: [path] }));
}

/** Identifiers end in the MAC address: `cluster::vm:50:6b:8d:00:00:01`. */
function nicsOf(vm: JsonNode): NicDescription[] {
  const ids = vm.get('virtual_nic_ids').items();
  const addresses = vm.get('ip_addresses').items();
  return ids.map((id) => ({
    id: NOWHERE,
    mac: new JsonNode(/(?:^|:)([0-9a-f]{2}(?::[0-9a-f]{2}){5})$/i.exec(id.text() ?? '')?.[1], id.where),
    model: NOWHERE,
    connected: NOWHERE,
    networkId: NOWHERE,
    networkName: NOWHERE,
    kind: NOWHERE,
    vlanMode: NOWHERE,
    addresses: ids.length === 1 ? addresses.map((address) => ({ address })) : [],
  }));
}

function addressesOfNone(vm: JsonNode, nics: NicDescription[], file: string): Finding[] {
  const count = vm.get('ip_addresses').items().length;
  if (count === 0 || nics.length === 1) return [];
  return [
    info(
      'nic.addresses-unassigned',
      file,
      `${file} gives ${count} IP addresses of the machine and not of which NIC they are.`,
      'Check the addresses after the restore.',
    ),
  ];
}
