/** What an answer of CloudStack's API lists, and what that is good for. */
import type { Document } from '../../../documents/document.ts';
import type { JsonNode } from '../../../documents/json.ts';
import type { Recognition } from '../../source.ts';
import { systemRoleOfName } from '../domain/origin.ts';
import { answerOf, listOf, type Answer } from './answer.ts';

export interface Lists {
  virtualMachines: JsonNode[];
  volumes: JsonNode[];
  nics: JsonNode[];
}

interface Noun {
  /** The member that holds the list. */
  name: string;
  what: string;
  role: Recognition['role'];
  /** Members of each element: all of the first, and at least two of the second. */
  has: string[];
  some: string[];
}

const OWNED = ['account', 'domainid', 'zoneid', 'created', 'projectid'];

const NOUNS: readonly Noun[] = [
  {
    name: 'virtualmachine',
    what: 'CloudStack virtual machines (listVirtualMachines)',
    role: 'machine',
    has: ['id', 'name'],
    some: [
      'haenable',
      'guestosid',
      'cpunumber',
      'memory',
      'instancename',
      'rootdevicetype',
      'nic',
      'displayname',
    ],
  },
  {
    name: 'volume',
    what: 'CloudStack volumes (listVolumes)',
    role: 'part',
    has: ['id', 'type', 'size'],
    some: [
      'virtualmachineid',
      'zoneid',
      'storagetype',
      'provisioningtype',
      'deviceid',
      'isextractable',
      'vmname',
    ],
  },
  {
    name: 'snapshot',
    what: 'CloudStack volume snapshots (listSnapshots), which hold no machine',
    role: 'other',
    has: ['id', 'volumeid'],
    some: ['snapshottype', 'intervaltype', 'volumetype', ...OWNED],
  },
  {
    name: 'nic',
    what: 'CloudStack NICs (listNics)',
    role: 'part',
    has: ['id', 'networkid'],
    some: ['virtualmachineid', 'traffictype', 'isdefault', 'macaddress', 'ipaddress', 'isolationuri'],
  },
  {
    name: 'template',
    what: 'CloudStack templates (listTemplates), which are no machines',
    role: 'other',
    has: ['id', 'ostypeid'],
    some: ['templatetype', 'isready', 'crossZones', 'format', 'isextractable', 'hypervisor'],
  },
];

/** By the member alone, within an envelope of CloudStack. */
const OTHERS: ReadonlyMap<string, string> = new Map([
  ['iso', 'CloudStack ISO images (listIsos)'],
  ['router', 'CloudStack virtual routers (listRouters), which CloudStack makes anew by itself'],
  ['systemvm', 'CloudStack system VMs (listSystemVms), which CloudStack makes anew by itself'],
  ['backup', 'CloudStack backups (listBackups): give the folder or the machine that one of them holds'],
  ['backupoffering', 'CloudStack backup offerings (listBackupOfferings)'],
  ['vmsnapshot', 'CloudStack VM snapshots (listVMSnapshot)'],
  ['serviceoffering', 'CloudStack compute offerings (listServiceOfferings)'],
  ['diskoffering', 'CloudStack disk offerings (listDiskOfferings)'],
  ['network', 'CloudStack networks (listNetworks)'],
  ['zone', 'CloudStack zones (listZones)'],
  ['host', 'CloudStack hosts (listHosts)'],
  ['storagepool', 'CloudStack storage pools (listStoragePools)'],
  ['ostype', 'CloudStack guest systems (listOsTypes)'],
]);

export function recogniseAnswer(document: Document): Recognition | undefined {
  const answer = answerOf(document);
  if (answer === undefined) return undefined;
  const listed = listedIn(answer);
  const noun =
    NOUNS.find((one) => one.role === 'machine' && listed.has(one)) ?? NOUNS.find((one) => listed.has(one));
  if (noun?.role === 'machine' && usersVms(listed.get(noun) ?? []).length === 0) {
    return { what: 'CloudStack system VMs, which CloudStack makes anew by itself', role: 'other' };
  }
  return noun ? { what: noun.what, role: noun.role } : recogniseOther(answer);
}

function recogniseOther({ root, enveloped }: Answer): Recognition | undefined {
  if (!enveloped) return undefined;
  const [member] = root.members().flatMap(([name]) => OTHERS.get(name) ?? []);
  if (member !== undefined) return { what: member, role: 'other' };
  if (root.get('errorcode').exists || root.get('errortext').exists) {
    const text = root.get('errortext').text()?.slice(0, 200) ?? root.get('errorcode').text() ?? '';
    return { what: `an error of CloudStack's API: ${text}`, role: 'other' };
  }
  if (root.members().every(([name]) => name === 'count')) {
    return { what: "an answer of CloudStack's API that lists nothing", role: 'other' };
  }
  const isJob = root.get('jobid').exists && root.get('jobstatus').whole() !== 1n;
  return isJob ? { what: 'a CloudStack job without a result yet', role: 'other' } : undefined;
}

export function listsIn(document: Document): Lists {
  const answer = answerOf(document);
  const listed = answer ? [...listedIn(answer)] : [];
  const of = (name: string) => listed.flatMap(([noun, elements]) => (noun.name === name ? elements : []));
  return { virtualMachines: usersVms(of('virtualmachine')), volumes: of('volume'), nics: of('nic') };
}

/** The one object that the answer is; else lists by the nouns' own members; else the list that it is. */
function listedIn({ root }: Answer): Map<Noun, JsonNode[]> {
  // First of all: a machine has a member "nic" of its own.
  const only = nounOf(root);
  if (only) return new Map([[only, [root]]]);
  const listed = new Map<Noun, JsonNode[]>();
  for (const noun of NOUNS) {
    const own = listOf(root.get(noun.name)).filter((element) => nounOf(element) === noun);
    if (own.length > 0) listed.set(noun, own);
  }
  if (listed.size > 0) return listed;
  for (const element of root.items()) {
    const noun = nounOf(element);
    const own = noun && listed.get(noun);
    if (own) own.push(element);
    else if (noun) listed.set(noun, [element]);
  }
  return listed;
}

/** A volume has members of a snapshot, and so on: the first that fits says what it is. */
function nounOf(element: JsonNode): Noun | undefined {
  return NOUNS.find((noun) => isOne(element, noun));
}

function isOne(element: JsonNode, { has, some }: Noun): boolean {
  return has.every((name) => element.has(name)) && some.filter((name) => element.has(name)).length >= 2;
}

/** CloudStack's own VMs have a type, and an address on the link-local network of their host. */
function usersVms(virtualMachines: JsonNode[]): JsonNode[] {
  return virtualMachines.filter(
    (vm) =>
      !vm.has('systemvmtype') &&
      !vm.has('linklocalip') &&
      systemRoleOfName(vm.get('instancename').text())?.certain !== true,
  );
}
