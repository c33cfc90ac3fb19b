/** What a document of a Nutanix API is, by the members it has. Wrong guesses are cheap: reading finds nothing then. */
import type { Document } from '../../documents/document.ts';
import type { JsonNode } from '../../documents/json.ts';
import type { Recognition } from '../source.ts';
import { field, hasField, typeOf } from './field.ts';

export type Kind = 'vm-v2' | 'vm-v3' | 'vm-v4' | 'vm-summary' | 'subnet' | 'category' | 'other';

export interface Shape extends Recognition {
  kind: Kind;
  items: JsonNode[];
}

/** One thing of a document. `one` and `many` are for people. */
interface Thing {
  kind: Kind;
  one: string;
  many: string;
}

export function shapeOf({ body }: Document): Shape | undefined {
  if (body.kind !== 'json') return undefined;
  const { root } = body;
  const whole = thingOf(root);
  const items = whole ? [root] : listed(root);
  const things = items.map(thingOf);
  // What the list is for: a list of VMs may hold an element that cannot be understood.
  const first = things.find((thing) => thing !== undefined);
  if (!first) return emptyList(root);
  const alike = items.filter((_, index) => things[index]?.kind === first.kind);
  return {
    kind: first.kind,
    what: alike.length === 1 ? first.one : `${alike.length} ${first.many}`,
    role: roleOf(first.kind),
    items: alike,
  };
}

function roleOf(kind: Kind): Recognition['role'] {
  if (kind === 'other') return 'other';
  return kind === 'subnet' || kind === 'category' ? 'part' : 'machine';
}

/** A bare list, `entities` of v2 and v3, `data` of v4, `response` as Ansible keeps answers. */
function listed(root: JsonNode): JsonNode[] {
  if (Array.isArray(root.value)) return root.items();
  for (const name of ['entities', 'data', 'response']) {
    const inner = root.get(name);
    if (inner.exists) return Array.isArray(inner.value) ? inner.items() : [inner];
  }
  return [];
}

function emptyList(root: JsonNode): Shape | undefined {
  const isV2 = root.get('metadata').has('grand_total_entities');
  const isV3 = root.get('metadata').has('total_matches');
  const isV4 = /^List.*ApiResponse$/.test(typeOf(root) ?? '');
  if (!isV2 && !isV3 && !isV4) return undefined;
  return { kind: 'other', what: 'a Nutanix list with no VM in it', role: 'other', items: [] };
}

function thingOf(node: JsonNode): Thing | undefined {
  return ofType(node) ?? ofMetadataKind(node) ?? bareSpec(node) ?? v4WithoutType(node) ?? v2(node);
}

const VM_V4: Thing = { kind: 'vm-v4', one: 'a Nutanix VM (API v4)', many: 'Nutanix VMs (API v4)' };
const VM_V3: Thing = { kind: 'vm-v3', one: 'a Nutanix VM (API v3)', many: 'Nutanix VMs (API v3)' };
const VM_V2: Thing = { kind: 'vm-v2', one: 'a Nutanix VM (API v2)', many: 'Nutanix VMs (API v2)' };
const SUMMARY: Thing = {
  kind: 'vm-summary',
  one: 'a Nutanix VM in a list of protected or unprotected VMs (API v2)',
  many: 'Nutanix VMs in a list of protected or unprotected VMs (API v2)',
};
const SUBNET: Thing = { kind: 'subnet', one: 'a Nutanix subnet', many: 'Nutanix subnets' };
const CATEGORY: Thing = { kind: 'category', one: 'a Nutanix category', many: 'Nutanix categories' };
const TEMPLATE = other('a Nutanix VM template', 'Nutanix VM templates');
const RECOVERY_POINT = other(
  'a Nutanix recovery point, which holds identifiers and no hardware',
  'Nutanix recovery points, which hold identifiers and no hardware',
);

function other(one: string, many: string): Thing {
  return { kind: 'other', one, many };
}

const BY_TYPE: ReadonlyMap<string, Thing> = new Map([
  ['Vm', VM_V4],
  ['Subnet', SUBNET],
  ['Category', CATEGORY],
  ['Template', TEMPLATE],
  ['TemplateVersionSpec', TEMPLATE],
  ['RecoveryPoint', RECOVERY_POINT],
  ['VmRecoveryPoint', RECOVERY_POINT],
]);

// Namespaces of Nutanix v4. Other products' `$objectType` would not begin so.
const NAMESPACE =
  /^(vmm|networking|dataprotection|datapolicies|prism|clustermgmt|volumes|iam|lifecycle|monitoring|storage)\./;

/** v4 as the REST API writes it. */
function ofType(node: JsonNode): Thing | undefined {
  const type = typeOf(node);
  const written = node.first('$objectType', '_object_type', '$object_type').text() ?? '';
  if (type === undefined || !NAMESPACE.test(written)) return undefined;
  if (type.endsWith('ApiResponse')) return undefined;
  return BY_TYPE.get(type) ?? other(`a Nutanix object of type ${type}`, `Nutanix objects of type ${type}`);
}

/** v3: every entity says its kind. */
function ofMetadataKind(node: JsonNode): Thing | undefined {
  const kind = node.get('metadata', 'kind').text();
  if (kind === undefined || !(node.has('spec') || node.has('status'))) return undefined;
  if (kind === 'vm') return VM_V3;
  if (kind === 'subnet') return SUBNET;
  if (kind === 'vm_recovery_point') return RECOVERY_POINT;
  if (!/^[a-z][a-z_]{0,40}$/.test(kind)) return undefined;
  const name = kind.replaceAll('_', ' ');
  return other(`a Nutanix ${name} (API v3)`, `Nutanix objects of kind ${name} (API v3)`);
}

/** v3 without its envelope, as Calm and Ansible keep it. */
function bareSpec(node: JsonNode): Thing | undefined {
  const resources = node.get('resources');
  if (resources.has('subnet_type')) return SUBNET;
  const hasHardware = resources.has('num_sockets') && resources.has('memory_size_mib');
  return hasHardware && (resources.has('disk_list') || resources.has('nic_list')) ? VM_V3 : undefined;
}

/** v4 as the SDKs write it. */
function v4WithoutType(node: JsonNode): Thing | undefined {
  const has = (name: string) => hasField(node, name);
  if (has('templateVersionSpec')) return TEMPLATE;
  if (!has('extId')) return undefined;
  if (has('numSockets') && has('memorySizeBytes')) return VM_V4;
  if (has('vmRecoveryPoints') || has('recoveryPointType') || has('diskRecoveryPoints')) return RECOVERY_POINT;
  if (has('subnetType')) return SUBNET;
  const isCategory = field(node, 'key').text() !== undefined && node.has('value');
  return isCategory ? CATEGORY : undefined;
}

function v2(node: JsonNode): Thing | undefined {
  if (node.has('vm_create_spec') && node.has('snapshot_name')) {
    return other('a Nutanix snapshot (API v2)', 'Nutanix snapshots (API v2)');
  }
  if (node.has('memory_mb') && node.has('num_vcpus') && (node.has('uuid') || node.has('num_cores_per_vcpu')))
    return VM_V2;
  if (node.has('vm_name') && node.has('memory_capacity_in_bytes')) return SUMMARY;
  const isNetwork =
    node.has('vlan_id') && node.has('uuid') && (node.has('vswitch_name') || node.has('ip_config'));
  return isNetwork ? SUBNET : undefined;
}
