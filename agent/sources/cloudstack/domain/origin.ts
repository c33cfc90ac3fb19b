/** Whether a libvirt domain is CloudStack's, and which. Source: CloudStack, VirtualMachineName and LibvirtVMDef. */
import type { XmlElement } from '../../../documents/xml.ts';

/** i-<account>-<id>-<instance>: the last part is the setting `instance.name`, "VM" unless changed. */
const USER_VM = /^i-\d{1,10}-\d{1,10}-\w{1,64}$/;
/** Router, secondary storage, console proxy, internal load balancer, elastic load balancer. */
const SYSTEM_VM = /^([rsvbl])-\d{1,10}-(\w{1,64})$/;

const SYSTEM_ROLES: ReadonlyMap<string, string> = new Map([
  ['r', 'virtual router'],
  ['s', 'secondary storage VM'],
  ['v', 'console proxy'],
  ['b', 'internal load balancer'],
  ['l', 'elastic load balancer'],
]);

export function isCloudStacks(domain: XmlElement): boolean {
  return saysCloudStack(domain) || USER_VM.test(domain.textOf('name') ?? '');
}

/** What the domain does for CloudStack itself, e.g. "virtual router"; undefined for a user's VM. */
export function systemRoleOf(domain: XmlElement): string | undefined {
  const role = systemRoleOfName(domain.textOf('name'));
  return role !== undefined && (saysCloudStack(domain) || role.certain) ? role.what : undefined;
}

/** `certain`: the name alone shows it. */
export function systemRoleOfName(name: string | undefined): { what: string; certain: boolean } | undefined {
  const [, letter = '', instance] = SYSTEM_VM.exec(name ?? '') ?? [];
  const what = SYSTEM_ROLES.get(letter);
  return what === undefined ? undefined : { what, certain: instance === 'VM' };
}

function saysCloudStack(domain: XmlElement): boolean {
  const entries = domain.child('sysinfo', 'system')?.childrenNamed('entry') ?? [];
  const metadata = domain.child('metadata')?.children ?? [];
  return (
    entries.some(({ text }) => /cloudstack|^Apache Software Foundation$/i.test(text)) ||
    metadata.some(({ name, uri }) => /cloudstack/i.test(name) || /cloudstack/i.test(uri))
  );
}
