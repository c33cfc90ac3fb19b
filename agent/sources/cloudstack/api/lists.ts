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
  const nouns = NOUNS.filter((noun) => elementsOf(answer, noun).length > 0);
  const noun = nouns.find(({ role }) => role === 'machine') ?? nouns[0];
  if (noun?.role === 'machine' && usersVms(elementsOf(answer, noun)).length === 0) {
    return { what: 'CloudStack system VMs, which CloudStack makes anew by themselves', role: 'other' };
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
  const of = (name: string) => {
    const noun = NOUNS.find((one) => one.name === name);
    return answer && noun ? elementsOf(answer, noun) : [];
  };
  return { virtualMachines: usersVms(of('virtualmachine')), volumes: of('volume'), nics: of('nic') };
}

/** Lists of the noun's own member, of the answer itself where it is a list, or the one object that it is. */
function elementsOf({ root }: Answer, noun: Noun): JsonNode[] {
  const named = listOf(root.get(noun.name));
  const elements = named.length > 0 ? named : listOf(root);
  return elements.filter((element) => isOne(element, noun) && first(element) === noun);
}

/** A volume has members of a snapshot, and so on: the first that fits says what it is. */
function first(element: JsonNode): Noun | undefined {
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
