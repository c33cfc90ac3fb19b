/** The network interfaces of an instance, in the order of its devices. */
import { isIP } from 'node:net';
import { warn } from '../../../proto/finding.ts';
import type { Nic } from '../../../proto/gen/ascend/v1/machine.ts';
import type { Answer } from './answer.ts';
import { fact, keep, textFact, type Fact } from './fact.ts';
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
  const { origins } = instance;
  const of = (name: string) => `nics.${id}.${name}`;
  return {
    id,
    mac: keep(origins, of('mac'), macOf(instance, id, answer.get('MacAddress'))),
    model: keep(origins, of('model'), modelOf(instance)),
    network: keep(origins, of('network'), textFact(answer.get('SubnetId'))),
    connected: keep(origins, of('connected'), connectedOf(answer.get('Attachment', 'Status'))),
    addresses: keep(origins, of('addresses'), addressesOf(instance, id, answer)) ?? [],
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
      model: keep(origins, 'nics.eth0.model', modelOf(instance)),
      network: keep(origins, 'nics.eth0.network', textFact(stated(instance, 'SubnetId'))),
      addresses: keep(origins, 'nics.eth0.addresses', fact(addresses, address)) ?? [],
      guestNames: [],
    },
  ];
}

function macOf({ findings, id: owner }: Instance, id: string, answer: Answer): Fact<string> | undefined {
  const text = answer.text();
  if (text === undefined) return undefined;
  const mac = text.toLowerCase().replaceAll('-', ':');
  if (/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac)) return fact(mac, answer);
  const message = `The MAC address ${shortened(text)} of ${id} of ${owner} is none; it is left out.`;
  findings.push(
    warn('nic.mac-invalid', id, message, 'Check what is bound to the address; the target makes one.'),
  );
  return undefined;
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
    instance.findings.push(warn('nic.address-contradiction', id, message, remedy));
  }
  const subnet = instance.inventory.subnet(nic.get('SubnetId').text());
  const addresses = usable(instance, id, [primary, ...inList, ...v6]).map((one) => withMask(one, subnet));
  return addresses.length > 0 ? fact(addresses, nic.get('PrivateIpAddresses')) : undefined;
}

/** Each once; what is no address is left out and said. */
function usable({ findings, id: owner }: Instance, nic: string, answers: readonly Answer[]): string[] {
  const texts = [...new Set(answers.flatMap((answer) => answer.text() ?? []))];
  return texts.filter((text) => {
    if (isIP(text) && !text.includes('%')) return true;
    const of = nic === owner ? owner : `${nic} of ${owner}`;
    const message = `"${shortened(text)}" of ${of} is not an IP address; it is left out.`;
    findings.push(
      warn('nic.address-invalid', nic, message, 'Check the address of the guest after the restore.'),
    );
    return false;
  });
}

/** The mask of its subnet, where a DescribeSubnets answer is beside it. */
function withMask(address: string, subnet: Answer | undefined): string {
  const v6 = subnet
    ?.get('Ipv6CidrBlockAssociationSet')
    .items()
    .map((item) => item.get('Ipv6CidrBlock').text());
  const block = isIP(address) === 6 ? v6?.[0] : subnet?.get('CidrBlock').text();
  const bits = /\/(\d{1,3})$/.exec(block ?? '')?.[1];
  return bits !== undefined && Number(bits) <= (isIP(address) === 6 ? 128 : 32)
    ? `${address}/${bits}`
    : address;
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
