/** The network interfaces of an instance, in the order of its devices. */
import { warn } from '../../../proto/finding.ts';
import type { Nic } from '../../../proto/gen/ascend/v1/machine.ts';
import { addressFindings, addressWith } from '../addresses.ts';
import { macFindings, macOf } from '../mac.ts';
import type { Answer } from './answer.ts';
import type { Fact } from '../origins.ts';
import { fact, textFact } from './fact.ts';
import { listed, stated, type Instance } from './instance.ts';

export function nicsOf(instance: Instance): Nic[] {
  const own = listed(stated(instance, 'NetworkInterfaces'));
  const answers = own.length > 0 ? own : instance.inventory.nicsOf(instance.id);
  const byId = new Map<string, Answer>();
  for (const answer of [...answers].sort((one, other) => deviceIndex(one) - deviceIndex(other))) {
    const id = answer.get('NetworkInterfaceId').text();
    if (id !== undefined && !byId.has(id)) byId.set(id, answer);
  }
  return byId.size > 0 ? [...byId].map(([id, answer]) => nicOf(instance, id, answer)) : classicNic(instance);
}

function deviceIndex(nic: Answer): number {
  const index = nic.get('Attachment', 'DeviceIndex').whole();
  return index === undefined ? Number.MAX_SAFE_INTEGER : Number(index);
}

function nicOf(instance: Instance, id: string, answer: Answer): Nic {
  const { origins, findings } = instance;
  const of = (name: string) => `nics.${id}.${name}`;
  const mac = answer.get('MacAddress');
  findings.push(...macFindings(id, mac.text(), answer.file));
  return {
    id,
    mac: origins.keep(of('mac'), fact(macOf(mac.text()), mac)),
    model: origins.keep(of('model'), modelOf(instance)),
    network: origins.keep(of('network'), textFact(answer.get('SubnetId'))),
    connected: origins.keep(of('connected'), connectedOf(answer.get('Attachment', 'Status'))),
    addresses: origins.keep(of('addresses'), addressesOf(instance, id, answer)) ?? [],
    guestNames: [],
  };
}

/** EC2-Classic (until 2022) lists no interface: every instance had the one whose address it states. */
function classicNic(instance: Instance): Nic[] {
  const { origins, id } = instance;
  const address = stated(instance, 'PrivateIpAddress');
  if (!address.exists) return [];
  const addresses = usable(instance, id, [address]);
  return [
    {
      id: 'eth0',
      model: origins.keep('nics.eth0.model', modelOf(instance)),
      network: origins.keep('nics.eth0.network', textFact(stated(instance, 'SubnetId'))),
      addresses: origins.keep('nics.eth0.addresses', fact(addresses, address)) ?? [],
      guestNames: [],
    },
  ];
}

/** Source: EC2 user guide, "Enhanced networking": C3, C4, D2, I2, M4 (but m4.16xlarge, which has ENA) and R3. */
const INTEL_82599 = /^(c3|c4|d2|i2|m4|r3)\./;

/** `ena` always on Nitro; on Xen where type and instance both have it; `vif` where the type has nothing better. */
function modelOf(instance: Instance): Fact<string> | undefined {
  const { type } = instance;
  if (!type?.hypervisor) return undefined;
  if (type.hypervisor !== 'xen') return fact('ena', type.place);
  const ena = stated(instance, 'EnaSupport');
  if (type.ena === true) return ena.flag() === true ? fact('ena', ena) : undefined;
  const sriov = stated(instance, 'SriovNetSupport');
  if (INTEL_82599.test(type.name)) return sriov.text() === 'simple' ? fact('ixgbevf', sriov) : undefined;
  return type.ena === false ? fact('vif', type.place) : undefined;
}

function connectedOf(status: Answer): Fact<boolean> | undefined {
  if (status.text() === 'attached') return fact(true, status);
  return status.text() === 'detached' ? fact(false, status) : undefined;
}

function addressesOf(instance: Instance, id: string, nic: Answer): Fact<string[]> | undefined {
  const primary = nic.get('PrivateIpAddress');
  const inList = listed(nic.get('PrivateIpAddresses')).map((item) => item.get('PrivateIpAddress'));
  const v6 = listed(nic.get('Ipv6Addresses')).map((item) => item.get('Ipv6Address'));
  if (primary.exists && inList.length > 0 && !inList.some((one) => one.text() === primary.text())) {
    const list = inList.map((one) => one.text()).join(', ');
    const message = `The address of ${id} is ${shortened(primary.text() ?? '')}, but its list has ${shortened(list)}; all are kept.`;
    const remedy = 'Check which address the guest has.';
    instance.findings.push(warn('machine.contradiction', id, message, remedy));
  }
  const subnet = instance.inventory.subnet(nic.get('SubnetId').text());
  const addresses = usable(instance, id, [primary, ...inList, ...v6]).map((one) => withMask(one, subnet));
  return addresses.length > 0 ? fact(addresses, nic.get('PrivateIpAddresses')) : undefined;
}

/** Each once; what is no address is left out and said. */
function usable({ findings }: Instance, nic: string, answers: readonly Answer[]): string[] {
  const byText = new Map(answers.map((answer) => [answer.text() ?? '', answer]));
  byText.delete('');
  for (const [text, { file }] of byText) findings.push(...addressFindings(nic, text, file));
  return [...byText.keys()].filter((text) => addressWith(text) !== undefined);
}

/** The mask of its subnet, where a DescribeSubnets answer is beside it. */
function withMask(address: string, subnet: Answer | undefined): string {
  const v6 = subnet
    ?.get('Ipv6CidrBlockAssociationSet')
    .items()
    .map((item) => item.get('Ipv6CidrBlock').text());
  const block = address.includes(':') ? v6?.[0] : subnet?.get('CidrBlock').text();
  return addressWith(address, block?.split('/', 2)[1]) ?? address;
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
