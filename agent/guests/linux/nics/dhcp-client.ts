/**
 * ifupdown leaves DHCP to a program of its own, which a server with a static address may well lack; NetworkManager and
 * systemd-networkd speak it themselves. Source: interfaces(5), "The dhcp Method".
 */
import { Severity, type Finding } from '../../../../proto/gen/ascend/v1/finding.ts';
import type { GuestFiles } from '../../files.ts';

const CLIENTS = ['dhclient', 'dhcpcd', 'dhcpcd3', 'pump', 'udhcpc'];

export async function hasDhcpClient(files: GuestFiles): Promise<boolean> {
  for (const folder of ['/sbin', '/usr/sbin'])
    if ((await files.list(folder)).some((name) => CLIENTS.includes(name))) return true;
  return false;
}

/** @param names of the NICs that the target gives addresses by DHCP, as ifupdown has them */
export function lacksDhcpClient(names: readonly string[]): Finding[] {
  return names.map((name) => ({
    code: 'guest.no-dhcp-client',
    severity: Severity.WARN,
    subject: name,
    message: `The target gives ${name} its address by DHCP, and the guest has no DHCP client that ifupdown could start: it would have no network there.`,
    remedy:
      'Install one in the original machine (apt-get install isc-dhcp-client) and back it up again, or give the NIC an address with --ip.',
  }));
}
