/**
 * A NIC keeps its name, and with it the address that is configured for that name: udev names NICs after slots and
 * drivers, which change, but a link file can bind a name to the MAC, which stays. Source: systemd.link(5).
 */
import { Severity, type Finding } from '../../../../proto/gen/ascend/v1/finding.ts';
import type { Fix } from '../../fix.ts';
import type { GuestRequirements, NetworkCard, NicRequirement } from '../../requirements.ts';
import { planAddresses } from './addressing.ts';
import { lacksDhcpClient } from './dhcp-client.ts';
import { configuredNics, type FoundNic } from '../network/index.ts';
import { LINK_DIR, type NetworkFacts } from './network-facts.ts';
import { planRules } from './persistent-rules.ts';

export interface NicPlan {
  fixes: Fix[];
  findings: Finding[];
  /** Link files that the initramfs needs as well: path in it -> content. */
  links: ReadonlyMap<string, string>;
}

export function planNics(network: NetworkFacts, wants: GuestRequirements): NicPlan {
  const configured = configuredNics(network.files);
  const bound = bindNames(configured, wants.nics);
  const macStays = wants.cloud === undefined;
  const links = network.readsLinks ? linkFiles(bound, wants, macStays) : new Map<string, string>();
  const fixes = [...links].flatMap(([path, content]) =>
    network.linkFiles.get(path) === content ? [] : [linkFix(path, content)],
  );
  return {
    fixes: [
      ...fixes,
      ...planRules(network, bound, macStays),
      ...planAddresses(network, configured, bound, wants.nics, macStays),
    ],
    findings: [
      ...unbound(configured, bound, wants),
      ...(network.hasDhcpClient ? [] : lacksDhcpClient(askedByIfupdown(configured, bound))),
    ],
    links: new Map([...links].map(([path, content]) => [path.slice(1), content])),
  };
}

function askedByIfupdown(
  configured: readonly FoundNic[],
  bound: ReadonlyMap<string, NicRequirement>,
): string[] {
  const names = configured.flatMap(({ name, file }) => {
    const isAsked = name !== undefined && bound.get(name)?.addressing === 'dhcp';
    return isAsked && file.stack.title === 'ifupdown' ? [name] : [];
  });
  return [...new Set(names)];
}

/** "eth0:1" is an address of eth0, "eth0.100" a VLAN on it; "bond0" and bridges are made by software. */
export function isHardwareNic(name: string): boolean {
  return /^(?:en[opsxPX]?|eth|em|p\d+p)\w*$/.test(name);
}

/**
 * By the MAC that the guest's own files have; then by the names that the platform must have led to; a single NIC and a
 * single name need no further proof.
 */
export function bindNames(
  configured: readonly FoundNic[],
  nics: readonly NicRequirement[],
): Map<string, NicRequirement> {
  const bound = new Map<string, NicRequirement>();
  const isFree = (nic: NicRequirement) => ![...bound.values()].includes(nic);
  const names = hardwareNames(configured);
  for (const { name, mac } of configured) {
    const nic = nics.find((candidate) => candidate.mac.toLowerCase() === mac);
    if (name !== undefined && names.includes(name) && nic && !bound.has(name) && isFree(nic))
      bound.set(name, nic);
  }
  for (const nic of nics.filter(isFree)) {
    const name = nic.guestNames.find((candidate) => names.includes(candidate) && !bound.has(candidate));
    if (name !== undefined) bound.set(name, nic);
  }
  const [onlyName] = names;
  const [onlyNic] = nics;
  if (bound.size === 0 && names.length === 1 && nics.length === 1 && onlyName && onlyNic)
    bound.set(onlyName, onlyNic);
  return bound;
}

function hardwareNames(configured: readonly FoundNic[]): string[] {
  const names = configured.flatMap(({ name }) => (name !== undefined && isHardwareNic(name) ? [name] : []));
  return [...new Set(names)];
}

/** As udev reports it in ID_NET_DRIVER. */
const DRIVERS: Readonly<Record<NetworkCard, string>> = {
  'virtio-net': 'virtio_net',
  vmxnet3: 'vmxnet3',
  e1000e: 'e1000e',
  netvsc: 'hv_netvsc',
  ena: 'ena',
  'xen-net': 'vif',
};

function linkFiles(
  bound: ReadonlyMap<string, NicRequirement>,
  { nics, network }: GuestRequirements,
  macStays: boolean,
): Map<string, string> {
  // A cloud gives NICs other MACs: a single one is told by its driver. On Azure a second device has the same MAC.
  if (!macStays && (nics.length !== 1 || bound.size !== 1)) return new Map();
  return new Map(
    [...bound].map(([name, { mac }]) => {
      const match = macStays ? `MACAddress=${mac}` : `Driver=${DRIVERS[network]}`;
      const why = '# Keeps the name of this NIC, and so its address, on other virtual hardware.';
      return [linkFile(name), `${why}\n[Match]\n${match}\n\n[Link]\nName=${name}\n`];
    }),
  );
}

export function linkFile(name: string): string {
  return `${LINK_DIR}/10-ascend-${name}.link`;
}

function linkFix(path: string, content: string): Fix {
  const name = /^Name=(.*)$/m.exec(content)?.[1] ?? '';
  const match = /^(?:MACAddress|Driver)=(.*)$/m.exec(content)?.[1] ?? '';
  return {
    name: 'linux.nic-name',
    summary: `Keep the name ${name} for the NIC ${match}, and with it what is configured for it.`,
    changes: [{ kind: 'write', path, content }],
  };
}

function unbound(
  configured: readonly FoundNic[],
  bound: ReadonlyMap<string, NicRequirement>,
  { nics, cloud }: GuestRequirements,
): Finding[] {
  const finding = (subject: string, message: string): Finding => ({
    code: 'guest.nic-unbound',
    severity: Severity.WARN,
    subject,
    message,
    remedy: 'Check the network of the machine after it has started.',
  });
  if (cloud !== undefined && bound.size > 1) {
    const message = `The guest configures ${[...bound.keys()].join(', ')}; the target gives its ${nics.length} NICs other MAC addresses, so nothing says which is which.`;
    return [finding('network', message)];
  }
  return hardwareNames(configured)
    .filter((name) => !bound.has(name))
    .map((name) =>
      finding(name, `The guest configures ${name}, but nothing says which NIC of the machine that is.`),
    );
}
